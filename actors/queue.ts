import { assign, setup } from 'xstate';
import { type BackoffPolicy, backoffDelay } from './rules/backoff.ts';
import type { QueueEvent, QueueHands } from './rules/queue-hands.ts';

export interface QueueInput {
  readonly hands: QueueHands;
}

interface QueueContext extends QueueInput {
  /** Something happened since the last claim was sent. */
  readonly hasNews: boolean;
  readonly nextInMs: number;
  /** Claims in a row that failed. */
  readonly failures: number;
  readonly error: unknown;
  readonly delayMs: number;
}

/** Between claims that only look whether news got lost, in milliseconds. */
const slowPollMs = 5_000;

/** Between claims that fail, in milliseconds. */
const backoff: BackoffPolicy = {
  firstMs: 500,
  maxMs: 10_000,
  factor: 2,
  jitter: 'equal',
  resetAfterMs: 0,
};

const queue = setup({
  types: {} as { context: QueueContext; input: QueueInput; events: QueueEvent },
  guards: {
    isFull: ({ context }) => context.hands.free === 0,
    isPaused: ({ event }) => event.type === 'answered' && event.isPaused,
    hasNews: ({ context }) => context.hasNews,
    hasMore: ({ event }) => event.type === 'answered' && event.hasMore,
  },
  delays: {
    untilNext: ({ context }) => Math.min(slowPollMs, context.nextInMs),
    slowPoll: () => slowPollMs,
    retryDelay: ({ context }) => context.delayMs,
  },
  actions: {
    forgetNews: assign({ hasNews: false }),
    noteNews: assign({ hasNews: true }),
    noteAnswer: assign(({ event }) => ({
      failures: 0,
      nextInMs: event.type === 'answered' ? event.nextInMs : 0,
    })),
    noteFailure: assign(({ context: { failures }, event }) =>
      event.type === 'failed'
        ? {
            failures: failures + 1,
            error: event.error,
            delayMs: backoffDelay(backoff, failures, event.random),
          }
        : {},
    ),

    claim: ({ context }) => context.hands.claim(),
    reportOpen: ({ context }) => context.hands.report('open', undefined, 0),
    reportPaused: ({ context }) => context.hands.report('paused', undefined, 0),
    reportUnreachable: ({ context: { hands, error, delayMs } }) =>
      hands.report('unreachable', error, delayMs),
  },
});

const closes = { close: { target: 'closed' } } as const;
const open = ['noteAnswer', 'reportOpen'] as const;

/**
 * How one worker gets the jobs of its queue: it claims as many as it has places, and no more.
 *
 * ```
 *      ┌──── news, freed, untilNext ─────┐
 *      ▼                                 │
 *  claiming ── answered ──▶ idle | full | paused
 *      │ ▲                               ┆
 *      │ └ retryDelay ┐                  ┆ close, in any state
 *      └─ failed ─ unreachable           ▼
 *                                      closed
 * ```
 *
 * News may get lost, so that a slow poll looks after them. A queue that is out of reach is tried
 * again by itself; what runs meanwhile goes on.
 */
export const queueMachine = queue.createMachine({
  id: 'queue',
  context: ({ input }) => ({
    ...input,
    hasNews: false,
    nextInMs: 0,
    failures: 0,
    error: undefined,
    delayMs: 0,
  }),
  initial: 'claiming',
  states: {
    claiming: {
      description: 'Has asked for jobs; waits for the answer.',
      entry: ['forgetNews', 'claim'],
      on: {
        answered: [
          { guard: 'isFull', target: 'full', actions: open },
          { guard: 'hasNews', target: 'claiming', reenter: true, actions: 'noteAnswer' },
          { guard: 'isPaused', target: 'paused', actions: ['noteAnswer', 'reportPaused'] },
          { guard: 'hasMore', target: 'claiming', reenter: true, actions: open },
          { target: 'idle', actions: open },
        ],
        failed: { target: 'unreachable', actions: ['noteFailure', 'reportUnreachable'] },
        news: { actions: 'noteNews' },
        ...closes,
      },
    },
    idle: {
      description: 'Nothing is there to be claimed; waits for news, the next due time or a poll.',
      on: { news: { target: 'claiming' }, ...closes },
      after: { untilNext: { target: 'claiming' } },
    },
    full: {
      description: 'Every place is taken; waits for a job to end.',
      on: { freed: { target: 'claiming' }, ...closes },
    },
    paused: {
      description: 'The queue is paused; waits until it is resumed.',
      on: { news: { target: 'claiming' }, ...closes },
      after: { slowPoll: { target: 'claiming' } },
    },
    unreachable: {
      description: 'The storage is out of reach; waits to try again.',
      on: closes,
      after: { retryDelay: { target: 'claiming' } },
    },
    closed: {
      description: 'Claims nothing more, what runs may end.',
    },
  },
});
