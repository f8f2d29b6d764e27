import { assign, setup } from 'xstate';
import { outageDelay } from './rules/outage.ts';
import type { RunEnd, RunEvent, RunHands } from './rules/schedule-hands.ts';

export interface ScheduledRunInput {
  readonly hands: RunHands;
  /** One replica has its tick, and that has to be found out first. */
  readonly isShared: boolean;
  readonly maxAttempts: number;
  /** What one attempt may take; Infinity: no limit. */
  readonly timeoutMs: number;
  /** What an attempt whose signal was cancelled may take to end. */
  readonly settleWithinMs: number;
}

interface ScheduledRunContext extends ScheduledRunInput {
  /** From 1. */
  readonly attempt: number;
  readonly delayMs: number;
  /** Times in a row that nobody could say whose the tick is. */
  readonly vainClaims: number;
  readonly error: unknown;
}

/** How it ended; the output of the chart. */
export interface ScheduledRunOutput {
  readonly end: RunEnd;
  readonly attempts: number;
  readonly error?: unknown;
}

function outputOf(end: RunEnd, { attempt, error }: ScheduledRunContext): ScheduledRunOutput {
  return { end, attempts: attempt, ...(error !== undefined && { error }) };
}

const scheduledRun = setup({
  types: {} as {
    context: ScheduledRunContext;
    input: ScheduledRunInput;
    events: RunEvent;
    output: ScheduledRunOutput;
  },
  guards: {
    hasSucceeded: ({ event }) => event.type === 'settled' && !event.hasFailed,
    isItsOwn: ({ context }) => !context.isShared,
    isTaken: ({ event }) => event.type === 'settled' && event.isTaken,
    mayRetry: ({ context, event }) => {
      if (event.type !== 'settled' || event.isOutage)
        return event.type === 'settled' || context.attempt < context.maxAttempts;
      return context.attempt < context.maxAttempts && !event.isFinal;
    },
  },
  delays: {
    attemptLimit: ({ context }) => context.timeoutMs,
    settleLimit: ({ context }) => context.settleWithinMs,
    retryDelay: ({ context }) => context.delayMs,
    claimDelay: ({ context: { hands, vainClaims } }) => outageDelay(vainClaims - 1, hands.random()),
  },
  actions: {
    countAttempt: assign({ attempt: ({ context }) => context.attempt + 1, error: undefined }),
    noteError: assign({
      error: ({ event, context }) => (event.type === 'settled' ? event.error : context.error),
    }),
    forgetError: assign({ error: undefined }),
    cutShort: assign({ error: ({ context }) => context.hands.cutShort() }),
    noteDelay: assign({ delayMs: ({ context }) => context.hands.retryDelay(context.attempt) }),

    noteVainClaim: assign({ vainClaims: ({ context }) => context.vainClaims + 1 }),

    claim: ({ context: { hands, isShared } }) => {
      if (isShared) hands.claim();
    },
    begin: ({ context }) => context.hands.attempt(context.attempt),
    cancel: ({ context }) => context.hands.cancel(),
    reportRetry: ({ context: { hands, attempt, delayMs, error } }) =>
      hands.reportRetry(attempt, delayMs, error),
    reportStuck: ({ context }) => context.hands.reportStuck(),
  },
});

/**
 * One run of a schedule, over all its attempts.
 *
 * ```
 *  claiming ──claimed, or nobody else could have it──▶ attempting
 *     └─taken──▶ elsewhere
 *
 *  attempting ──settled well──▶ completed
 *     │ ▲  │ ╲ settled badly ──▶ backoff ──▶ attempting     while it may be retried
 *     │ │  │                 ╲─▶ failed
 *     │ │  └─ attemptLimit ──▶ overdue ── settled ──▶ as one that failed
 *     │ └ retryDelay
 *     └─ cancel ──▶ cancelling ── settled ──▶ cancelled
 * ```
 *
 * What was cancelled is waited for, up to a limit: then it is stuck, which is the affair of the
 * schedule's supervisor.
 */
export const scheduledRunMachine = scheduledRun.createMachine({
  id: 'scheduledRun',
  context: ({ input }) => ({ ...input, attempt: 0, delayMs: 0, vainClaims: 0, error: undefined }),
  initial: 'claiming',
  output: ({ event }) => event.output as ScheduledRunOutput,
  states: {
    claiming: {
      description: 'Asks whether the tick is its own, or that of another replica.',
      entry: 'claim',
      always: { guard: 'isItsOwn', target: 'attempting' },
      on: {
        claimed: 'attempting',
        taken: 'elsewhere',
        unanswered: { target: 'unclaimed', actions: 'noteVainClaim' },
        cancel: 'cancelled',
      },
    },
    unclaimed: {
      description: 'Nobody could say whose the tick is, asks again in a while.',
      after: { claimDelay: 'claiming' },
      on: { cancel: 'cancelled' },
    },
    attempting: {
      description: 'The work was called and has not settled.',
      entry: ['countAttempt', 'begin'],
      on: {
        settled: [
          { guard: 'hasSucceeded', target: 'completed', actions: 'forgetError' },
          { guard: 'isTaken', target: 'elsewhere', actions: 'noteError' },
          { guard: 'mayRetry', target: 'backoff', actions: 'noteError' },
          { target: 'failed', actions: 'noteError' },
        ],
        cancel: { target: 'cancelling', actions: 'cancel' },
      },
      after: { attemptLimit: { target: 'overdue', actions: 'cutShort' } },
    },
    overdue: {
      description: 'The attempt took too long and was cancelled, and has not ended yet.',
      on: {
        settled: [
          { guard: 'isTaken', target: 'elsewhere', actions: 'noteError' },
          { guard: 'mayRetry', target: 'backoff' },
          { target: 'failed' },
        ],
        cancel: { target: 'cancelling', actions: 'cancel' },
      },
      after: { settleLimit: { actions: 'reportStuck' } },
    },
    backoff: {
      description: 'The attempt failed, and the next one waits for its delay.',
      entry: ['noteDelay', 'reportRetry'],
      on: { cancel: 'cancelled' },
      after: { retryDelay: 'attempting' },
    },
    cancelling: {
      description: 'The run was cancelled, and its attempt has not ended yet.',
      on: { settled: { target: 'cancelled', actions: 'noteError' } },
      after: { settleLimit: { actions: 'reportStuck' } },
    },
    completed: {
      description: 'The work is done.',
      type: 'final',
      output: ({ context }) => outputOf('completed', context),
    },
    failed: {
      description: 'Every attempt failed.',
      type: 'final',
      output: ({ context }) => outputOf('failed', context),
    },
    elsewhere: {
      description: 'Another replica has the tick.',
      type: 'final',
      output: ({ context }) => outputOf('elsewhere', context),
    },
    cancelled: {
      description: 'It was cancelled before it was done.',
      type: 'final',
      output: ({ context }) => outputOf('cancelled', context),
    },
  },
});
