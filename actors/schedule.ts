import { assign, setup } from 'xstate';
import { outageDelay } from './rules/outage.ts';
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
  reopened,
  type Ticking,
  takeByHand,
} from './rules/ticking.ts';

export interface ScheduleInput extends Ticking, Opening {
  readonly hands: ScheduleHands;
  readonly isPaused: boolean;
  /** Its replicas have a memory, which is asked first. */
  readonly isShared: boolean;
}

interface ScheduleContext {
  readonly hands: ScheduleHands;
  readonly ticking: Ticking;
  readonly ledger: Ledger;
  readonly orders: Orders;
  readonly isPaused: boolean;
  readonly isStopping: boolean;
  /** It is known what was dealt with before. */
  readonly isInformed: boolean;
  /** Times in a row that nobody could say. */
  readonly vainRecalls: number;
}

function decide({ hands, ticking, ledger }: ScheduleContext, event: ScheduleEvent): Decided {
  switch (event.type) {
    case 'runNow':
      return takeByHand(ledger, ticking, event.request, hands.now());
    case 'runEnded': {
      const saysNothing = event.end === 'cancelled' || event.end === 'elsewhere';
      const isFailure = saysNothing ? undefined : event.end === 'failed';
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
    isInformed: ({ context }) => context.isInformed,
    isPaused: ({ context }) => context.isPaused,
    isOver: ({ context }) => context.isStopping || context.ledger.due === undefined,
    isAnyRunning: ({ context }) => context.ledger.running.length > 0,
    isNoneRunning: ({ context }) => context.ledger.running.length === 0,
    isPacedByRuns: ({ context }) => context.ticking.policy.pace === 'fixed-delay',
  },
  delays: {
    recallDelay: ({ context: { hands, vainRecalls } }) =>
      outageDelay(vainRecalls - 1, hands.random()),
    untilDue: ({ context }) => Math.max(0, context.ledger.fireAt - context.hands.now()),
  },
  actions: {
    decide: assign(({ context, event }) => decide(context, event)),
    refuse: assign(({ context, event }) => refuse(context, event)),
    notePause: assign({ isPaused: true }),
    noteResume: assign({ isPaused: false }),
    noteStop: assign({ isStopping: true }),
    noteRecalled: assign(({ context: { hands, ticking, ledger }, event }) =>
      event.type === 'recalled'
        ? {
            isInformed: true,
            ledger: reopened(ledger, ticking, event.dealtWith, hands.random()),
          }
        : {},
    ),
    noteVainRecall: assign({ vainRecalls: ({ context }) => context.vainRecalls + 1 }),

    carryOut: ({ context: { hands, orders } }) => {
      if (orders.isReset) hands.reportStatus('reset');
      for (const skip of orders.skip) hands.reportSkip(skip);
      for (const run of orders.cancel) hands.cancel(run);
      for (const tick of orders.start) hands.launch(tick);
    },
    recall: ({ context: { hands, isInformed } }) => {
      if (!isInformed) hands.recall();
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
 *  clock   recalling ──▶ timing               where replicas share a memory: asks it first
 *
 *          timing ──untilDue──▶ timing        a tick: the overlap rule says what it does
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
    const { hands, policy, timetable, isPaused, isShared } = input;
    const ticking = { policy, timetable };
    return {
      hands,
      ticking,
      ledger: openLedger(ticking, input, hands.random()),
      orders: nothing,
      isPaused,
      isStopping: false,
      isInformed: !isShared,
      vainRecalls: 0,
    };
  },
  type: 'parallel',
  on: { runNow: { actions: ['refuse', 'carryOut'] } },
  states: {
    clock: {
      description: 'Says when something is due.',
      initial: 'recalling',
      on: { stop: { target: '.over', actions: ['noteStop', 'decide', 'carryOut'] } },
      states: {
        recalling: {
          description: 'Asks what was dealt with last, here or in another replica.',
          entry: 'recall',
          always: { guard: 'isInformed', target: 'timing' },
          on: {
            recalled: { target: 'timing', actions: 'noteRecalled' },
            unanswered: { target: 'uninformed', actions: 'noteVainRecall' },
            runNow: act,
            pause: { actions: ['notePause', 'reportPaused'] },
            resume: { actions: ['noteResume', 'reportResumed'] },
            drain: { target: 'closed', actions: ['decide', 'carryOut'] },
          },
        },
        uninformed: {
          description: 'Nobody could say what was dealt with last, asks again in a while.',
          after: { recallDelay: 'recalling' },
          on: {
            runNow: act,
            pause: { actions: ['notePause', 'reportPaused'] },
            resume: { actions: ['noteResume', 'reportResumed'] },
            drain: { target: 'closed', actions: ['decide', 'carryOut'] },
          },
        },
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
