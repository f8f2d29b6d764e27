import { assign, emit, setup } from 'xstate';
import { backoffDelay } from './rules/backoff.ts';
import type { TaskEvent, TaskHands, TaskNews, TaskPolicy, TaskState } from './rules/task-hands.ts';

export interface TaskInput {
  readonly hands: TaskHands;
  readonly policy: TaskPolicy;
}

export interface TaskChartContext extends TaskInput {
  /** Attempts that have begun. */
  readonly attempt: number;
  /** What the end of the attempt may take, once it was asked to stop. */
  readonly limitMs: number;
  readonly delayMs: number;
  readonly isCancelled: boolean;
  /** It was cancelled just now: what it reports was decided before it could know. */
  readonly isSameTurn: boolean;
  readonly result: unknown;
  readonly error: unknown;
}

const task = setup({
  types: {} as {
    context: TaskChartContext;
    input: TaskInput;
    events: TaskEvent;
    emitted: TaskNews;
  },
  guards: {
    mayRetry: ({ context, event }) =>
      event.type === 'threw' && event.isRetryable && context.attempt < context.policy.maxAttempts,
    isCancelled: ({ context }) => context.isCancelled,
    wasObeyed: ({ context, event }) =>
      context.isCancelled && (context.isSameTurn || ('isObedient' in event && event.isObedient)),
  },
  delays: {
    timeout: ({ context }) => context.policy.timeoutMs,
    endLimit: ({ context }) => context.limitMs,
    retryDelay: ({ context }) => context.delayMs,
    thisTurn: ({ context }) => (context.isCancelled ? 0 : Number.POSITIVE_INFINITY),
  },
  actions: {
    beginAttempt: assign({ attempt: ({ context }) => context.attempt + 1, error: undefined }),
    noteResult: assign({
      result: ({ event }) => (event.type === 'returned' ? event.result : undefined),
    }),
    noteError: assign({ error: ({ event }) => (event.type === 'threw' ? event.error : undefined) }),
    noteDelay: assign({
      delayMs: ({ context, event }) =>
        backoffDelay(
          context.policy.backoff,
          context.attempt - 1,
          event.type === 'threw' ? event.random : 0,
        ),
    }),
    noteEndLimit: assign({ limitMs: ({ context }) => context.policy.cancelWithinMs }),
    noteCancel: assign(({ event }) => ({
      isCancelled: true,
      isSameTurn: true,
      limitMs: event.type === 'cancel' ? event.limitMs : 0,
    })),
    noteTurnOver: assign({ isSameTurn: false }),

    launch: ({ context }) => context.hands.launch(),
    cancel: ({ context }) => context.hands.cancel(),
    expire: ({ context }) => context.hands.expire(),
    abandon: ({ context }) => context.hands.abandon(),

    announce: emit((_, { status }: { status: TaskState }) => ({ type: 'task', status })),
  },
});

const announce = <Status extends TaskState>(status: Status) =>
  ({ type: 'announce', params: { status } }) as const;

/** It is not running: a cancel ends it at once, and it never runs again. */
const idle = {
  cancel: { target: 'cancelled' },
  abandon: { target: 'cancelled' },
} as const;

/**
 * One task over all its attempts. The name of the state is the status that people see.
 *
 * ```
 *            begin               returned
 *  pending ─────────▶ running ─────────────▶ completed
 *   │    ▲             │  │ threw
 *   │    └─ due ─ backoff ◀┼─ may retry
 *   │               │  ▲   └─ no more attempts ▶ failed
 *   │ cancel        │  │          ▲
 *   ▼               │  │ threw    │ threw
 *  cancelled ◀──────┘ stopping ───┴── returned ▶ completed
 *       ▲               │   ▲
 *       └─── obeyed ────┤   └ cancel, timeout or failing, while running
 *                       └ limit passed ▶ abandoned
 * ```
 *
 * A cancel is a request: what becomes of it is what the function does. Only in the turn of the
 * cancel itself does it win over any result. What does not end within its limit is abandoned.
 */
export const taskMachine = task.createMachine({
  id: 'task',
  context: ({ input }) => ({
    ...input,
    attempt: 0,
    limitMs: 0,
    delayMs: 0,
    isCancelled: false,
    isSameTurn: false,
    result: undefined,
    error: undefined,
  }),
  initial: 'pending',
  states: {
    pending: {
      description: 'Accepted; waits for its turn and for a free place.',
      entry: announce('pending'),
      on: { ...idle, begin: { target: 'running' } },
    },
    running: {
      description: 'An attempt is under way; waits for its function to end.',
      entry: ['beginAttempt', announce('running'), 'launch'],
      on: {
        returned: { target: 'completed', actions: 'noteResult' },
        threw: [
          { guard: 'mayRetry', target: 'backoff', actions: ['noteError', 'noteDelay'] },
          { target: 'failed', actions: 'noteError' },
        ],
        cancel: { target: 'stopping', actions: ['noteCancel', 'cancel'] },
        failing: { target: 'stopping', actions: 'noteEndLimit' },
        abandon: { target: 'abandoned' },
      },
      after: { timeout: { target: 'stopping', actions: ['noteEndLimit', 'expire'] } },
    },
    stopping: {
      description: 'Its signal was cancelled; waits for its function to end, up to its limit.',
      entry: announce('stopping'),
      on: {
        returned: [
          { guard: 'wasObeyed', target: 'cancelled' },
          { target: 'completed', actions: 'noteResult' },
        ],
        threw: [
          { guard: 'wasObeyed', target: 'cancelled', actions: 'noteError' },
          { guard: 'isCancelled', target: 'failed', actions: 'noteError' },
          { guard: 'mayRetry', target: 'backoff', actions: ['noteError', 'noteDelay'] },
          { target: 'failed', actions: 'noteError' },
        ],
        cancel: [
          // Its limit stays the one that it has.
          { guard: 'isCancelled' },
          { target: 'stopping', reenter: true, actions: 'noteCancel' },
        ],
        abandon: { target: 'abandoned' },
      },
      after: {
        thisTurn: { actions: 'noteTurnOver' },
        endLimit: { target: 'abandoned' },
      },
    },
    backoff: {
      description: 'Its last attempt failed; waits for its delay before it gets in line again.',
      entry: announce('backoff'),
      on: idle,
      after: { retryDelay: { target: 'pending' } },
    },
    completed: {
      description: 'Its function returned; its result is kept for a while.',
      type: 'final',
      entry: announce('completed'),
    },
    failed: {
      description: 'Its last attempt threw or took too long; its error is kept for a while.',
      type: 'final',
      entry: announce('failed'),
    },
    cancelled: {
      description: 'It was cancelled before it ran, or stopped because it was asked to.',
      type: 'final',
      entry: announce('cancelled'),
    },
    abandoned: {
      description: 'It did not end within its limit, so that nothing it does counts any more.',
      type: 'final',
      entry: ['abandon', announce('abandoned')],
    },
  },
});
