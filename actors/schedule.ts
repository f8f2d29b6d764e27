import { assign, setup } from 'xstate';
import type { ScheduleEvent, ScheduleHands } from './rules/schedule-hands.ts';
import {
  abandonAll,
  close,
  type Decided,
  type Ledger,
  look,
  noteEnd,
  nothing,
  type Opening,
  type Orders,
  openLedger,
  passOver,
  type Ticking,
  takeByHand,
} from './rules/ticking.ts';

export interface ScheduleInput extends Ticking, Opening {
  readonly hands: ScheduleHands;
  readonly isPaused: boolean;
}

interface ScheduleContext {
  readonly hands: ScheduleHands;
  readonly ticking: Ticking;
  readonly ledger: Ledger;
  readonly orders: Orders;
  readonly isPaused: boolean;
  readonly isStopping: boolean;
}

function decide({ hands, ticking, ledger }: ScheduleContext, event: ScheduleEvent): Decided {
  switch (event.type) {
    case 'runNow':
      return takeByHand(ledger, ticking, event.request, hands.now());
    case 'runEnded': {
      const isFailure = event.end === 'cancelled' ? undefined : event.end === 'failed';
      const now = hands.now();
      return noteEnd(ledger, ticking, { run: event.run, isFailure, now, random: hands.random() });
    }
    case 'resume':
      return passOver(ledger, ticking, hands.now(), hands.random());
    case 'drain':
      return close(ledger);
    case 'stop':
      return abandonAll(ledger);
    default:
      return look(ledger, ticking, hands.now(), hands.random());
  }
}

function refuse({ ledger }: ScheduleContext, event: ScheduleEvent): Decided {
  const request = event.type === 'runNow' ? { request: event.request } : {};
  const skip = { why: 'closed', count: 1, due: undefined, ...request } as const;
  return { ledger, orders: { ...nothing, skip: [skip] } };
}

const schedule = setup({
  types: {} as { context: ScheduleContext; input: ScheduleInput; events: ScheduleEvent },
  guards: {
    isPaused: ({ context }) => context.isPaused,
    isOver: ({ context }) => context.isStopping || context.ledger.due === undefined,
    isAnyRunning: ({ context }) => context.ledger.running.length > 0,
    isNoneRunning: ({ context }) => context.ledger.running.length === 0,
    isPacedByRuns: ({ context }) => context.ticking.policy.pace === 'fixed-delay',
  },
  delays: {
    untilDue: ({ context }) => Math.max(0, context.ledger.fireAt - context.hands.now()),
  },
  actions: {
    decide: assign(({ context, event }) => decide(context, event)),
    refuse: assign(({ context, event }) => refuse(context, event)),
    notePause: assign({ isPaused: true }),
    noteResume: assign({ isPaused: false }),
    noteStop: assign({ isStopping: true }),

    carryOut: ({ context: { hands, orders } }) => {
      if (orders.isReset) hands.reportStatus('reset');
      for (const skip of orders.skip) hands.reportSkip(skip);
      for (const run of orders.cancel) hands.cancel(run);
      for (const tick of orders.start) hands.launch(tick);
    },
    reportPaused: ({ context }) => context.hands.reportStatus('paused'),
    reportResumed: ({ context }) => context.hands.reportStatus('resumed'),
    giveUpIfFailing: ({ context: { hands, ledger, ticking } }) => {
      if (ledger.failures >= ticking.policy.failAfter) hands.giveUp(ledger.failures);
    },
  },
});

/** What a tick, or somebody by hand, sets going. */
const act = { actions: ['decide', 'carryOut'] } as const;

/**
 * A schedule: a clock that says when something is due, and beside it the runs that it starts.
 *
 * ```
 *  clock   timing ──untilDue──▶ timing        a tick: the overlap rule says what it does
 *            │ ▲
 *      pause │ │ resume
 *            ▼ │
 *          paused      closed ◀── drain       over ◀── stop, or nothing is due any more
 *
 *  runs     idle ──▶ running ──▶ idle         while any run is under way
 *            └──────────┴──────▶ over
 * ```
 *
 * It is done when both are over. Which due times are run, skipped or made up for is decided by
 * `rules/ticking.ts`; a run itself is the chart of `scheduled-run.ts`.
 */
export const scheduleMachine = schedule.createMachine({
  id: 'schedule',
  context: ({ input }) => {
    const { hands, policy, timetable, isPaused } = input;
    const ticking = { policy, timetable };
    return {
      hands,
      ticking,
      ledger: openLedger(ticking, input, hands.random()),
      orders: nothing,
      isPaused,
      isStopping: false,
    };
  },
  type: 'parallel',
  on: { runNow: { actions: ['refuse', 'carryOut'] } },
  states: {
    clock: {
      description: 'Says when something is due.',
      initial: 'timing',
      on: { stop: { target: '.over', actions: ['noteStop', 'decide', 'carryOut'] } },
      states: {
        timing: {
          description: 'Waits for the next due time.',
          always: [
            { guard: 'isOver', target: 'over' },
            { guard: 'isPaused', target: 'paused' },
          ],
          after: {
            untilDue: { target: 'timing', reenter: true, actions: ['decide', 'carryOut'] },
          },
          on: {
            clockSet: { target: 'timing', reenter: true, actions: ['decide', 'carryOut'] },
            runEnded: { guard: 'isPacedByRuns', target: 'timing', reenter: true },
            runNow: act,
            pause: { target: 'paused', actions: ['notePause', 'reportPaused'] },
            drain: { target: 'closed', actions: ['decide', 'carryOut'] },
          },
        },
        paused: {
          description: 'Paused by hand, nothing comes due until it is resumed.',
          on: {
            runNow: act,
            resume: {
              target: 'timing',
              actions: ['noteResume', 'decide', 'reportResumed', 'carryOut'],
            },
            drain: { target: 'closed', actions: ['decide', 'carryOut'] },
          },
        },
        closed: {
          description: 'Takes no more ticks in, what is under way may end.',
        },
        over: { description: 'Nothing comes due any more.', type: 'final' },
      },
    },
    runs: {
      description: 'What the clock has set going.',
      initial: 'idle',
      states: {
        idle: {
          description: 'No run is under way.',
          always: [
            { guard: 'isAnyRunning', target: 'running' },
            { guard: 'isOver', target: 'over' },
          ],
        },
        running: {
          description: 'Waits for the runs that are under way.',
          on: {
            runEnded: { actions: ['decide', 'carryOut', 'giveUpIfFailing'] },
          },
          always: { guard: 'isNoneRunning', target: 'idle' },
        },
        over: { description: 'No run is under way, and none will be.', type: 'final' },
      },
    },
  },
});
