import { assign, emit, setup } from 'xstate';
import type {
  AttemptEnd,
  AttemptEvent,
  AttemptHands,
  AttemptNews,
  AttemptOutcome,
  AttemptPolicy,
  AttemptStage,
  Cause,
} from './rules/job-hands.ts';
import { isGraver, outcomeOf } from './rules/job-outcome.ts';

export interface JobInput {
  readonly hands: AttemptHands;
  readonly policy: AttemptPolicy;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
}

interface JobChartContext extends JobInput {
  readonly cause: Cause | undefined;
  readonly end: AttemptEnd | undefined;
  readonly timeoutError: unknown;
  readonly outcome: AttemptOutcome | undefined;
  /** Its worker ends: what cannot be stored now is left to the lease. */
  readonly isLastChance: boolean;
  readonly isCommitted: boolean;
}

/** How long to wait before an outcome that could not be stored is stored again, in milliseconds. */
const settleDelayMs = 1_000;

const job = setup({
  types: {} as {
    context: JobChartContext;
    input: JobInput;
    events: AttemptEvent;
    emitted: AttemptNews;
  },
  guards: {
    isGraver: ({ context, event }) =>
      event.type === 'cancel' && isGraver(event.cause, context.cause),
    isStopping: ({ event }) => event.type === 'cancel' && event.cause === 'stopping',
    wasLost: ({ context }) => context.cause === 'lost',
    isCommitted: ({ context }) => context.isCommitted,
    isLastChance: ({ context }) => context.isLastChance,
  },
  delays: {
    timeout: ({ context }) => context.policy.timeoutMs,
    // Whoever ends with its worker has what the worker has.
    endLimit: ({ context }) =>
      context.cause === 'stopping' ? Number.POSITIVE_INFINITY : context.policy.cancelWithinMs,
    closeLimit: ({ context }) => context.policy.cancelWithinMs,
    settleDelay: () => settleDelayMs,
  },
  actions: {
    noteCause: assign(({ context, event }) =>
      event.type === 'cancel'
        ? {
            cause: event.cause,
            isLastChance: context.isLastChance || event.cause === 'stopping',
          }
        : {},
    ),
    noteLastChance: assign({ isLastChance: true }),
    noteTimeout: assign(({ context }) => ({
      cause: 'timeout' as const,
      timeoutError: context.hands.expire(),
    })),
    noteEnd: assign(({ event }) =>
      event.type === 'returned' || event.type === 'threw' ? { end: event } : {},
    ),
    noteCommit: assign({ isCommitted: true }),
    decide: assign(({ context }) => ({
      outcome: outcomeOf(context, (error) => context.hands.retryDelay(error)),
    })),

    launch: ({ context }) => context.hands.launch(),
    cancel: ({ context }) => {
      if (context.cause) context.hands.cancel(context.cause);
    },
    fence: ({ context }) => context.hands.fence(),
    close: ({ context }) => context.hands.close(),
    leaveOpen: ({ context }) => context.hands.leaveOpen(),
    settle: ({ context }) => {
      if (context.outcome) context.hands.settle(context.outcome);
    },

    announce: emit((_, { stage }: { stage: AttemptStage }) => ({ type: 'attempt', stage })),
  },
});

const announce = <Stage extends AttemptStage>(stage: Stage) =>
  ({ type: 'announce', params: { stage } }) as const;

const ended = { target: 'closing', actions: 'noteEnd' } as const;

/** What follows when all is disposed of, or nobody waits for that any more. */
const over = [
  { guard: 'isCommitted', target: 'settled' },
  { guard: 'wasLost', target: 'left' },
  { target: 'settling', actions: 'decide' },
] as const;

const overUnclosed = [
  { guard: 'isCommitted', target: 'settled', actions: 'leaveOpen' },
  { guard: 'wasLost', target: 'left', actions: 'leaveOpen' },
  { target: 'settling', actions: ['leaveOpen', 'decide'] },
] as const;

const committed = { actions: 'noteCommit' } as const;

/**
 * One attempt of a durable job, from its claim until its outcome is stored.
 *
 * ```
 *  claimed ── cancel, threw ──┐
 *     │ begin                 │
 *     ▼      returned, threw  ▼
 *  running ─────────────────▶ closing ── closed ──▶ settling ── stored ──▶ settled
 *     │                        ▲    │                 │  ▲
 *     │ cancel, timeout        │    │ committed       │  └ settleDelay ┐
 *     ▼                        │    ▼                 └─ notStored ─ unsettled
 *  stopping ── returned, threw ┘  settled
 *     └ endLimit: fenced off ──┘
 * ```
 *
 * A lease that was lost while the handler ran ends in `left`, and so does a worker that is given up:
 * then nothing of the attempt is stored, and whoever claims the job next decides what became of it.
 * Once the handler is over, what became of it is offered to the storage, which takes it or refuses.
 */
export const jobMachine = job.createMachine({
  id: 'job',
  context: ({ input }) => ({
    ...input,
    cause: undefined,
    end: undefined,
    timeoutError: undefined,
    outcome: undefined,
    isLastChance: false,
    isCommitted: false,
  }),
  initial: 'claimed',
  states: {
    claimed: {
      description: 'It was claimed; waits for its turn.',
      entry: announce('claimed'),
      on: {
        begin: { target: 'running' },
        // Its payload is not what its queue takes.
        threw: ended,
        cancel: { target: 'closing', actions: ['noteCause', 'cancel'] },
        abandon: { target: 'left', actions: 'fence' },
      },
    },
    running: {
      description: 'Its handler was called; waits for it to end.',
      entry: [announce('running'), 'launch'],
      on: {
        returned: ended,
        threw: ended,
        committed,
        cancel: { target: 'stopping', actions: ['noteCause', 'cancel'] },
        abandon: { target: 'left', actions: ['fence', 'close'] },
      },
      after: { timeout: { target: 'stopping', actions: 'noteTimeout' } },
    },
    stopping: {
      description: 'Its signal was cancelled; waits for its handler to end, up to its limit.',
      entry: announce('stopping'),
      on: {
        returned: ended,
        threw: ended,
        committed,
        // With its own limit, whatever it had before.
        cancel: [
          {
            guard: 'isGraver',
            target: 'stopping',
            reenter: true,
            actions: ['noteCause', 'cancel'],
          },
          { guard: 'isStopping', actions: 'noteLastChance' },
        ],
        abandon: { target: 'left', actions: ['fence', 'close'] },
      },
      after: { endLimit: { target: 'closing', actions: 'fence' } },
    },
    closing: {
      description: 'Its handler is over; waits until all that belonged to it is disposed of.',
      entry: [announce('closing'), 'close'],
      on: {
        closed: over,
        committed,
        cancel: { guard: 'isStopping', actions: 'noteLastChance' },
        abandon: { target: 'left', actions: 'leaveOpen' },
      },
      after: { closeLimit: overUnclosed },
    },
    settling: {
      description: 'What became of it is being stored; waits for the storage.',
      entry: [announce('settling'), 'settle'],
      on: {
        stored: { target: 'settled' },
        refused: { target: 'left' },
        notStored: [{ guard: 'isLastChance', target: 'left' }, { target: 'unsettled' }],
        cancel: { guard: 'isStopping', actions: 'noteLastChance' },
        abandon: { target: 'left' },
      },
    },
    unsettled: {
      description: 'The storage is out of reach; waits to store what became of it once more.',
      entry: announce('unsettled'),
      on: {
        cancel: { guard: 'isStopping', target: 'left' },
        abandon: { target: 'left' },
      },
      after: { settleDelay: { target: 'settling' } },
    },
    settled: {
      description: 'What became of it is stored.',
      type: 'final',
      entry: announce('settled'),
    },
    left: {
      description: 'Nothing of it is stored, whoever claims the job next decides about it.',
      type: 'final',
      entry: announce('left'),
    },
  },
});
