import type { Context } from '../../../src/define/context.ts';
import type { AnyDefinition, AnySupervisor } from '../../../src/define/definition.ts';
import { ignore, optional, service, supervisor } from '../../../src/index.ts';
import type { BodyRun } from './body-run.ts';
import { callbackBody, isOpen, machineBody, promiseBody } from './machine-body.ts';
import type { ExitReason, GroupPlan, ItemPlan, ServicePlan } from './plan.ts';
import { codeOf } from './scripts.ts';
import type { World } from './world.ts';

type Options = Record<string, unknown>;

export function define(world: World, item: ItemPlan): AnyDefinition {
  return item.kind === 'group' ? defineGroup(world, item) : defineService(world, item);
}

export function defineGroup(world: World, plan: GroupPlan): AnySupervisor {
  const { id, kind: _kind, items, ...options } = plan;
  const definitions = items.map((item) => define(world, item));
  if (plan.strategy === 'dynamic') {
    const [template] = definitions;
    return supervisor(id as 'x', { ...options, template } as never) as AnySupervisor;
  }
  return supervisor(id as 'x', options as never, definitions as never) as AnySupervisor;
}

export function defineService(world: World, plan: ServicePlan): AnyDefinition {
  return service(plan.id as 'x', optionsOf(world, plan) as never) as AnyDefinition;
}

const passedOn = [
  'restart',
  'significant',
  'backoff',
  'startWithin',
  'stopWithin',
  'firstStart',
  'onLoss',
  'watchdog',
] as const;

function optionsOf(world: World, plan: ServicePlan): Options {
  const options: Options = { ...hooksOf(world, plan) };
  for (const key of passedOn) if (plan[key] !== undefined) options[key] = plan[key];
  const { decide, needs, receives, whileDown } = plan;
  if (decide) {
    options.decide = (_error: unknown, { path }: { path: string }) => {
      world.latest(path)?.note('decide', decide);
      if (decide === 'throws') throw new Error('scripted to throw');
      return decide;
    };
  }
  if (needs) {
    const entries = needs.map(({ path, optional: isOptional }, index) => [
      `need${index}`,
      isOptional ? optional(path) : path,
    ]);
    options.needs = Object.fromEntries(entries);
  }
  if (receives) {
    options.receive = { ping: () => world.perform(receives) };
    if (whileDown) options.whileDown = whileDown;
  }
  return options;
}

function hooksOf(world: World, plan: ServicePlan): Options {
  const { form, stopHook, drainHook } = plan;
  if (form === 'machine') return { run: machineBody(world, plan), ready: isOpen };
  if (form === 'promise') return { run: promiseBody(world, plan) };
  if (form === 'callback') return { run: callbackBody(world, plan) };
  const options: Options = {};
  if (form === 'function' || form === 'manual') {
    options.run = (ctx: Context) => begin(world.enter(ctx, plan), form);
    if (form === 'manual') options.ready = 'manual';
  } else {
    options.start = (ctx: Context) => start(world.enter(ctx, plan));
    if (form === 'hooks') options.run = (ctx: Context) => world.runOf(ctx).live();
  }
  if (stopHook) options.stop = (ctx: Context) => hook(world.runOf(ctx), stopHook);
  if (drainHook) options.drain = () => world.perform(drainHook);
  return options;
}

/** A body that is called; one that throws at once does so before there is a promise. */
function begin(run: BodyRun, form: 'function' | 'manual'): unknown {
  if (form === 'function') run.saysReady();
  if (run.script === 'throw') run.leave('error');
  return form === 'function' ? immediate(run) : manual(run);
}

async function immediate(run: BodyRun): Promise<unknown> {
  if (run.script === 'fail') return run.leave('error');
  if (run.script === 'text') return run.leave('text');
  if (run.script === 'ends') return run.leave('normal');
  if (run.script === 'ignore') {
    run.ends('ignore');
    return ignore;
  }
  return await run.live();
}

async function manual(run: BodyRun): Promise<unknown> {
  const how = await attempt(run);
  if (how === 'ends') return run.leave('normal');
  if (how === 'ignore') {
    run.ends('ignore');
    return ignore;
  }
  run.saysReady();
  try {
    run.ctx.ready(run.number);
  } catch (error) {
    run.note('strays', `ready ${run.world.log.entries.length} ${codeOf(error)}`);
    run.ends('revoked');
    throw error;
  }
  return await run.live();
}

/** A start hook. With a body, the body is what ends. */
function start(run: BodyRun): unknown {
  if (run.script === 'throw') run.leave('error');
  return (async () => {
    const how = await attempt(run);
    if (how === 'ignore') {
      run.ends('ignore');
      return ignore;
    }
    if (run.ctx.signal.aborted) {
      run.ends('too late');
      return run.number;
    }
    run.saysReady();
    // A resident is over when it is cancelled, and so is one whose body was never called.
    run.ctx.signal.addEventListener('abort', () => {
      if (!run.isLiving) run.ends('resident');
    });
    return run.number;
  })();
}

async function attempt(run: BodyRun): Promise<'ready' | 'ignore' | 'ends'> {
  const { script, world } = run;
  if (script === 'ok') return 'ready';
  if (script === 'ignore' || script === 'ends') return script;
  if (script === 'hang') {
    return wokenUp(run, await run.wait(undefined));
  }
  if (typeof script === 'string') {
    run.leave(script === 'text' ? 'text' : 'error');
    return 'ends';
  }
  if ('deafOkAfter' in script) {
    await new Promise<void>((resolve) => world.clock.later(script.deafOkAfter, resolve));
    return 'ready';
  }
  const how = await run.wait('okAfter' in script ? script.okAfter : script.failAfter);
  if (how !== 'in-time') return wokenUp(run, how);
  if ('failAfter' in script) run.leave('error');
  return 'ready';
}

/** Told to end while it starts. A start hook that returns has succeeded. */
function wokenUp(run: BodyRun, how: ExitReason | 'in-time'): 'ends' {
  if (how !== 'normal' && how !== 'in-time') run.leave(how);
  return 'ends';
}

async function hook(run: BodyRun, script: NonNullable<ServicePlan['stopHook']>): Promise<void> {
  run.note('stop-hook-begins');
  try {
    await run.world.perform(script);
  } finally {
    run.note('stop-hook-ends');
  }
}
