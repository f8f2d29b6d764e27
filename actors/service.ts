import { assign, emit, setup } from 'xstate';
import type { Hands, ServiceEvent, ServiceNews } from './rules/hands.ts';
import type { Outcome } from './rules/restart.ts';

export interface ServiceInput {
  readonly hands: Hands;
  /** Infinity: no limit. */
  readonly startWithinMs: number;
  /** What the end of a start that took too long may take. */
  readonly stopWithinMs: number;
}

interface ServiceContext extends ServiceInput {
  readonly attempt: number;
  readonly startedAt: number;
  readonly readyAt: number | undefined;
  readonly limitMs: number;
  /** When the limit of its end passes: it may be moved nearer, never away. */
  readonly limitAt: number;
  readonly delayMs: number;
  readonly outcome: Outcome;
}

const asked: Outcome = { reason: 'shutdown', startFailed: false, unstopped: false, readyMs: -1 };

function noteEnd(context: ServiceContext, event: ServiceEvent): Partial<ServiceContext> {
  if (event.type !== 'left' && event.type !== 'failed') return {};
  const outcome: Outcome = {
    reason: event.type === 'left' ? event.reason : 'error',
    error: event.error,
    startFailed: context.readyAt === undefined,
    unstopped: false,
    readyMs: readyMsAt(context, event),
    ...(event.decision && { decision: event.decision }),
  };
  return { outcome, limitMs: event.limitMs, limitAt: event.at + event.limitMs };
}

function readyMsAt({ readyAt }: ServiceContext, event: ServiceEvent): number {
  return readyAt === undefined || !('at' in event) ? -1 : event.at - readyAt;
}

function limitOf(event: ServiceEvent): Partial<ServiceContext> {
  if (event.type !== 'stop') return {};
  return { limitMs: event.limitMs, limitAt: event.at + event.limitMs };
}

const service = setup({
  types: {} as {
    context: ServiceContext;
    input: ServiceInput;
    events: ServiceEvent;
    emitted: ServiceNews;
  },
  guards: {
    isTighter: ({ context, event }) =>
      event.type === 'stop' && event.at + event.limitMs < context.limitAt,
    isSuspension: ({ event }) => event.type === 'hold' && event.suspended,
    endedByItself: ({ context }) => context.outcome.reason !== 'shutdown',
    neverCameUp: ({ context }) => context.outcome.startFailed,
  },
  delays: {
    startLimit: ({ context }) => context.startWithinMs,
    stopLimit: ({ context }) => context.limitMs,
    restartDelay: ({ context }) => context.delayMs,
  },
  actions: {
    beginAttempt: assign(({ context, event }) =>
      event.type === 'start'
        ? { attempt: event.attempt, startedAt: event.at, readyAt: undefined, outcome: asked }
        : context,
    ),
    noteReady: assign({ readyAt: ({ event }) => (event.type === 'ready' ? event.at : undefined) }),
    noteEnd: assign(({ context, event }) => noteEnd(context, event)),
    noteStop: assign(({ context, event }) => ({
      outcome: { ...asked, readyMs: readyMsAt(context, event) },
      ...limitOf(event),
    })),
    noteStartTimeout: assign({
      limitMs: ({ context }) => context.stopWithinMs,
      limitAt: ({ context }) => context.startedAt + context.startWithinMs + context.stopWithinMs,
      outcome: ({ context }) => ({
        ...asked,
        reason: 'error' as const,
        error: context.hands.startTimeout(),
        startFailed: true,
      }),
    }),
    noteKill: assign({
      outcome: ({ context, event }) => ({
        ...asked,
        reason: 'killed' as const,
        readyMs: readyMsAt(context, event),
      }),
    }),
    noteUnstopped: assign({ outcome: ({ context }) => ({ ...context.outcome, unstopped: true }) }),
    tightenLimit: assign(({ event }) => limitOf(event)),
    noteDelay: assign({
      delayMs: ({ event }) => (event.type === 'backOff' ? event.charge.delayMs : 0),
    }),

    launch: ({ context }) => context.hands.launch(),
    cancel: ({ context }) => context.hands.cancel(),
    abort: ({ context }) => context.hands.abort(),
    abandon: ({ context }) => context.hands.abandon(),
    tellReady: ({ context }) => context.hands.tellReady(),
    tellIgnored: ({ context }) => context.hands.tellIgnored(),
    tellDown: ({ context }) => context.hands.tellDown(context.outcome),
    tellDue: ({ context }) => context.hands.tellDue(),

    announceStarting: emit(({ context }) => ({ type: 'starting', attempt: context.attempt })),
    announceReady: emit(({ context, event }) => ({
      type: 'ready',
      tookMs: event.type === 'ready' ? event.at - context.startedAt : 0,
    })),
    announceIgnored: emit({ type: 'ignored' }),
    announceStartFailed: emit(({ context }) => ({
      type: 'start-failed',
      error: context.outcome.error,
    })),
    announceStopRequested: emit(({ context }) => ({
      type: 'stop-requested',
      limitMs: context.limitMs,
    })),
    announceStopErrors: emit(({ event }) => ({
      type: 'stop-error',
      errors: event.type === 'cleanupFailed' ? event.errors : [],
    })),
    announceEnded: emit(({ context }) => ({
      type: 'ended',
      reason: context.outcome.reason,
      error: context.outcome.error,
    })),
    announceUnstopped: emit(({ context }) => ({ type: 'unstopped', limitMs: context.limitMs })),
    announceBackoff: emit(({ context, event }) => ({
      type: 'backoff',
      charge: (event as Extract<ServiceEvent, { type: 'backOff' }>).charge,
      error: context.outcome.error,
    })),
    announceSuspended: emit({ type: 'suspended' }),
    announceStopped: emit({ type: 'stopped' }),
    announceFailed: emit(({ context, event }) => ({
      type: 'failed',
      spent: (event as Extract<ServiceEvent, { type: 'giveUp' }>).spent,
      error: context.outcome.error,
    })),
  },
});

/** What its supervisor may do with it while it is down. */
const down = {
  start: { target: 'starting' },
  hold: [
    { guard: 'isSuspension', target: 'waiting', actions: 'announceSuspended' },
    { target: 'waiting' },
  ],
  backOff: { target: 'backoff', actions: ['noteDelay', 'announceBackoff'] },
  giveUp: { target: 'failed', actions: 'announceFailed' },
} as const;

/** Cut off at once: its supervisor neither asks nor waits. */
const killed = {
  target: 'ended',
  actions: ['noteKill', 'abandon', 'announceEnded', 'tellDown'],
} as const;

/** The end of a start attempt that failed was announced when it failed. */
const over = [
  { guard: 'neverCameUp', target: 'ended', actions: 'tellDown' },
  { target: 'ended', actions: ['announceEnded', 'tellDown'] },
] as const;

/** Given up at once: whoever it belongs to does not wait for it any more. */
const abandoned = {
  target: 'unstopped',
  actions: ['noteUnstopped', 'abandon', 'announceUnstopped', 'tellDown'],
} as const;

/**
 * The life of one child, over all its incarnations: a service, or a supervisor as its parent sees
 * it. The name of the state is the status that people see (`ended` shows as `stopped`).
 *
 * ```
 *  waiting ──start──▶ starting ──ready──▶ running
 *     ▲                  │ failed, late      │ left, failed
 *     │                  │ or stop           │ or stop
 *     │                  ▼                   ▼
 *     │               stopping ◀─────────────┘   cleanup; bounded by the stop limit
 *     │                  │ ended       ╲ limit passed
 *     │                  ▼              ▼
 *     ├──── hold ──── ended          unstopped        its supervisor decides what follows:
 *     │                  │              │
 *     └─────────── backoff   stopped   failed ──start──▶ starting
 * ```
 *
 * Stop is a protocol, not a kill: the signal is cancelled, body and cleanup are waited for, and
 * what does not end within its limit is abandoned and reported.
 */
export const serviceMachine = service.createMachine({
  id: 'service',
  context: ({ input }) => ({
    ...input,
    attempt: 0,
    startedAt: 0,
    readyAt: undefined,
    limitMs: input.stopWithinMs,
    limitAt: Number.POSITIVE_INFINITY,
    delayMs: 0,
    outcome: asked,
  }),
  initial: 'waiting',
  states: {
    waiting: {
      description:
        'Has no incarnation; starts once an earlier sibling, a need or its group allows.',
      on: { ...down, rest: { target: 'stopped', actions: 'announceStopped' } },
    },
    starting: {
      description: 'A start attempt is under way; waits for the body to be ready.',
      entry: ['beginAttempt', 'announceStarting', 'launch'],
      on: {
        ready: { target: 'running', actions: ['noteReady', 'announceReady', 'tellReady'] },
        ignored: { target: 'stopped', actions: ['announceIgnored', 'tellIgnored'] },
        left: { target: 'stopping', actions: ['noteEnd', 'announceStartFailed'] },
        failed: { target: 'stopping', actions: ['noteEnd', 'announceStartFailed', 'abort'] },
        stop: { target: 'stopping', actions: ['noteStop', 'announceStopRequested', 'cancel'] },
        kill: killed,
        abandon: abandoned,
      },
      after: {
        startLimit: {
          target: 'stopping',
          actions: ['noteStartTimeout', 'announceStartFailed', 'abort'],
        },
      },
    },
    running: {
      description: 'Ready; waits for the body to end or for a request to stop.',
      on: {
        left: { target: 'stopping', actions: 'noteEnd' },
        failed: { target: 'stopping', actions: ['noteEnd', 'abort'] },
        stop: { target: 'stopping', actions: ['noteStop', 'announceStopRequested', 'cancel'] },
        kill: killed,
        abandon: abandoned,
      },
    },
    stopping: {
      description:
        'Its end is under way; waits for body, cleanup and own children, up to its limit.',
      on: {
        cleanupFailed: { actions: 'announceStopErrors' },
        ended: over,
        ignored: over,
        stop: [
          {
            guard: 'isTighter',
            target: 'stopping',
            reenter: true,
            actions: ['tightenLimit', 'cancel'],
          },
          { actions: 'cancel' },
        ],
        kill: [
          { guard: 'neverCameUp', target: 'ended', actions: ['abandon', 'tellDown'] },
          { guard: 'endedByItself', ...abandoned },
          killed,
        ],
        abandon: abandoned,
      },
      after: {
        stopLimit: abandoned,
      },
    },
    ended: {
      description: 'Over, with its cleanup; waits for what its supervisor decides.',
      on: { ...down, rest: { target: 'stopped' } },
    },
    backoff: {
      description: 'A restart is charged and scheduled; waits for its delay to pass.',
      on: { ...down, rest: { target: 'stopped', actions: 'announceStopped' } },
      after: { restartDelay: { actions: 'tellDue' } },
    },
    stopped: {
      description: 'Has no incarnation and will not start by itself.',
      on: down,
    },
    failed: {
      description: 'Given up: its restarts ran out and its supervisor went on without it.',
      on: down,
    },
    unstopped: {
      description: 'Its last incarnation did not end within its limit and was abandoned.',
      on: down,
    },
  },
});
