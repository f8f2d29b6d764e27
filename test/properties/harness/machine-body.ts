import { type AnyActorLogic, fromCallback, fromPromise, setup } from 'xstate';
import type { Context } from '../../../src/define/context.ts';
import type { BodyRun } from './body-run.ts';
import type { BodyPlan, ExitReason } from './plan.ts';
import type { World } from './world.ts';

interface Input {
  readonly ctx: Context;
}

/** A machine of the user's: it follows the script, and invokes a pulse that must never outlive it. */
export function machineBody(world: World, plan: BodyPlan): AnyActorLogic {
  type Event = { type: 'daruma.stop' } | { type: 'exit' } | { type: 'crash'; reason: ExitReason };
  return setup({
    types: {} as { context: { run: BodyRun }; input: Input; events: Event },
    delays: {
      startDelay: ({ context }) => startDelay(context.run),
      lifetime: ({ context }) => context.run.life?.after ?? Number.POSITIVE_INFINITY,
      stopDelay: () => stopDelay(plan),
    },
    guards: {
      fails: ({ context }) => willFail(context.run),
      crashes: ({ context }) => (context.run.life?.reason ?? 'normal') !== 'normal',
    },
    actions: {
      failAtOnce: ({ context }) => {
        if (context.run.script === 'fail') throw new Error('scripted to fail');
      },
      fail: () => {
        throw new Error('scripted to fail');
      },
      crash: ({ event }) => {
        if (event.type === 'crash' && event.reason === 'text') throw 'scripted text';
        throw new Error('scripted failure');
      },
      sayReady: ({ context }) => context.run.saysReady(),
      sayOver: ({ context }) => context.run.ends('final'),
    },
    actors: {
      pulse: fromCallback<Event, BodyRun>(({ input: run, sendBack }) => {
        run.note('inner-begins');
        run.wake = (reason) =>
          sendBack(reason === 'normal' ? { type: 'exit' } : { type: 'crash', reason });
        return () => {
          run.note('inner-ends');
          run.ends('released');
        };
      }),
    },
  }).createMachine({
    context: ({ input }) => ({ run: world.enter(input.ctx, plan) }),
    invoke: { src: 'pulse', input: ({ context }) => context.run },
    initial: 'starting',
    on: { exit: '.closed', crash: { actions: 'crash' } },
    states: {
      starting: {
        entry: 'failAtOnce',
        after: { startDelay: [{ guard: 'fails', actions: 'fail' }, { target: 'open' }] },
        on: { 'daruma.stop': 'closing' },
      },
      open: {
        entry: 'sayReady',
        after: { lifetime: [{ guard: 'crashes', actions: 'crash' }, { target: 'closed' }] },
        on: { 'daruma.stop': 'closing' },
      },
      closing: { after: { stopDelay: 'closed' } },
      closed: { type: 'final', entry: 'sayOver' },
    },
  });
}

/** Whether a snapshot of the machine is ready; scripted to throw, for bodies that throw. */
export function isOpen(snapshot: { value: unknown; context: { run: BodyRun } }): boolean {
  if (snapshot.context.run.script === 'throw') throw new Error('scripted to throw');
  return snapshot.value === 'open';
}

function startDelay({ script }: BodyRun): number {
  if (script === 'hang') return Number.POSITIVE_INFINITY;
  if (typeof script === 'string') return 0;
  if ('okAfter' in script) return script.okAfter;
  return 'failAfter' in script ? script.failAfter : script.deafOkAfter;
}

function willFail({ script }: BodyRun): boolean {
  return script === 'text' || (typeof script === 'object' && 'failAfter' in script);
}

function stopDelay({ whenCancelled = 'ok' }: BodyPlan): number {
  if (whenCancelled === 'never') return Number.POSITIVE_INFINITY;
  return typeof whenCancelled === 'object' ? whenCancelled.takes : 0;
}

/** A promise: XState stops it at once, and it obeys. */
export function promiseBody(world: World, plan: BodyPlan): AnyActorLogic {
  return fromPromise<void, Input>(async ({ input, signal }) => {
    const run = world.enter(input.ctx, plan);
    signal.addEventListener('abort', () => run.ends('released'));
    // Ready when it is started.
    run.saysReady();
    if (run.script === 'fail') return run.leave('error');
    if (run.script === 'text') return run.leave('text');
    if (run.script === 'ends') return run.leave('normal');
    await run.live();
  });
}

/** A callback: it cannot end by itself, and is stopped at once. */
export function callbackBody(world: World, plan: BodyPlan): AnyActorLogic {
  return fromCallback<{ type: string }, Input>(({ input }) => {
    const run = world.enter(input.ctx, plan);
    if (run.script === 'fail') run.leave('error');
    if (run.script === 'text') run.leave('text');
    run.saysReady();
    return () => run.ends('released');
  });
}
