import { assign, emit, setup } from 'xstate';
import {
  type HealthStatus,
  judge,
  type Patience,
  unknown,
  type Verdict,
} from './rules/hysteresis.ts';

export type HealthEvent = {
  readonly type: 'result';
  /** Which run of the check it is of: one that was late says nothing any more. */
  readonly run: number;
  readonly status: HealthStatus;
  readonly reason: string | undefined;
};

/** What a check can have done. */
export interface Examiner {
  /** Calls the check; its result comes as an event. */
  examine(run: number): void;
  /** Gives the run up, and says so. */
  giveUp(): string;
}

export interface HealthInput extends Patience {
  readonly examiner: Examiner;
  /** From the end of one run to the begin of the next, in milliseconds. */
  readonly everyMs: number;
  readonly timeoutMs: number;
}

/** Its status is another one. */
export interface HealthNews {
  readonly type: 'judged';
  readonly status: HealthStatus;
  readonly reason: string | undefined;
}

interface HealthContext extends HealthInput {
  readonly run: number;
  readonly verdict: Verdict;
  readonly before: HealthStatus | undefined;
  readonly reason: string | undefined;
}

function weigh(
  context: HealthContext,
  status: HealthStatus,
  reason: string | undefined,
): Partial<HealthContext> {
  const verdict = judge(context.verdict, status, context);
  return { verdict, before: context.verdict.status, reason };
}

/**
 * One health check of one incarnation: looks at intervals, one look at a time, and changes its mind
 * only when enough looks in a row say the same.
 *
 * ```
 *   examining ──result, too late──▶ judging ──▶ resting
 *       ▲                                          │ interval
 *       └──────────────────────────────────────────┘
 * ```
 */
export const healthMachine = setup({
  types: {} as {
    context: HealthContext;
    input: HealthInput;
    events: HealthEvent;
    emitted: HealthNews;
  },
  guards: {
    isCurrent: ({ context, event }) => event.run === context.run,
    hasChanged: ({ context }) => context.verdict.status !== context.before,
  },
  delays: {
    interval: ({ context }) => context.everyMs,
    limit: ({ context }) => context.timeoutMs,
  },
  actions: {
    nextRun: assign({ run: ({ context }) => context.run + 1 }),
    examine: ({ context }) => context.examiner.examine(context.run),
    noteResult: assign(({ context, event }) => weigh(context, event.status, event.reason)),
    noteTimeout: assign(({ context }) => weigh(context, 'unhealthy', context.examiner.giveUp())),
    announce: emit(({ context }) => ({
      type: 'judged',
      status: context.verdict.status as HealthStatus,
      reason: context.reason,
    })),
  },
}).createMachine({
  id: 'health',
  context: ({ input }) => ({
    ...input,
    run: 0,
    verdict: unknown,
    before: undefined,
    reason: undefined,
  }),
  initial: 'examining',
  states: {
    examining: {
      description: 'The check was called; waits for what it says, up to its time limit.',
      entry: ['nextRun', 'examine'],
      on: { result: { guard: 'isCurrent', target: 'judging', actions: 'noteResult' } },
      after: { limit: { target: 'judging', actions: 'noteTimeout' } },
    },
    judging: {
      description: 'Weighs the result against those before it.',
      always: [
        { guard: 'hasChanged', target: 'resting', actions: 'announce' },
        { target: 'resting' },
      ],
    },
    resting: {
      description: 'Knows how it is; looks again after the interval.',
      after: { interval: { target: 'examining' } },
    },
  },
});
