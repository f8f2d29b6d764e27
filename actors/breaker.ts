import { assign, emit, setup } from 'xstate';

/** What happens to a breaker. Of an old state nothing is reported any more: see its generation. */
export type BreakerEvent =
  /** What was counted while it was closed is too much. */
  | { type: 'tripped'; error: unknown }
  /** A call was let through as a probe. */
  | { type: 'admitted' }
  /** How a probe went. */
  | { type: 'succeeded' }
  | { type: 'failed'; error: unknown }
  /** It was called off before it said anything about the other side. */
  | { type: 'withdrawn' };

/** What the outside learns, once the new state is visible. */
export type BreakerNews =
  | { type: 'opened'; error: unknown }
  | { type: 'halfOpened' }
  | { type: 'closed' };

/** Times in milliseconds. */
export interface BreakerInput {
  /** How long it stays open before it lets a probe through. */
  readonly recoveryMs: number;
  /** How long a probe may take before it counts as failed. */
  readonly probeWithinMs: number;
  /** How many probes have to succeed before it closes. */
  readonly successThreshold: number;
  /** The error of a probe that took too long. */
  readonly probeTimeout: () => unknown;
}

interface BreakerContext extends BreakerInput {
  /** Probes that have succeeded since it was half open. */
  readonly successes: number;
  /** Probes that are under way. */
  readonly inFlight: number;
}

const breaker = setup({
  types: {} as {
    context: BreakerContext;
    input: BreakerInput;
    events: BreakerEvent;
    emitted: BreakerNews;
  },
  guards: {
    isLastSuccess: ({ context }) => context.successes + 1 >= context.successThreshold,
    isLastInFlight: ({ context }) => context.inFlight <= 1,
  },
  delays: {
    recovery: ({ context }) => context.recoveryMs,
    probeLimit: ({ context }) => context.probeWithinMs,
  },
  actions: {
    forgetProbes: assign({ successes: 0, inFlight: 0 }),
    countProbe: assign({ inFlight: ({ context }) => context.inFlight + 1 }),
    uncountProbe: assign({ inFlight: ({ context }) => context.inFlight - 1 }),
    countSuccess: assign({ successes: ({ context }) => context.successes + 1 }),

    announceOpened: emit(({ event }) => ({
      type: 'opened',
      error: 'error' in event ? event.error : undefined,
    })),
    announceTimeout: emit(({ context }) => ({ type: 'opened', error: context.probeTimeout() })),
    announceHalfOpened: emit({ type: 'halfOpened' }),
    announceClosed: emit({ type: 'closed' }),
  },
});

/** How a probe ends, whether others are under way or not. */
const probeEnds = {
  failed: { target: 'open', actions: 'announceOpened' },
  succeeded: [
    { guard: 'isLastSuccess', target: 'closed', actions: 'announceClosed' },
    {
      guard: 'isLastInFlight',
      target: 'halfOpen',
      actions: ['uncountProbe', 'countSuccess'],
    },
    { actions: ['uncountProbe', 'countSuccess'] },
  ],
  withdrawn: [
    { guard: 'isLastInFlight', target: 'halfOpen', actions: 'uncountProbe' },
    { actions: 'uncountProbe' },
  ],
} as const;

/**
 * A circuit breaker: whether calls go through to something that keeps failing. What is counted while
 * it is closed is in `rules/breaker-tally.ts`; this is what follows from it.
 *
 * ```
 *  closed ──tripped──▶ open ──recovery──▶ halfOpen ──admitted──▶ probing ─╮ admitted
 *     ▲                 ▲                    ▲ last one withdrawn,   │ ▲  │ (up to the limit
 *     │                 │                    │ or not enough yet     │ ╰──╯  of probes)
 *     │                 │                    ╰───────────────────────┤
 *     │                 ╰──────── failed, or probe limit ────────────┤
 *     ╰────────────────────────── enough have succeeded ─────────────╯
 * ```
 *
 * The probe limit runs from the probe that was admitted last.
 */
export const breakerMachine = breaker.createMachine({
  id: 'breaker',
  context: ({ input }) => ({ ...input, successes: 0, inFlight: 0 }),
  initial: 'closed',
  states: {
    closed: {
      description: 'Calls go through and are counted; waits for too many of them to fail.',
      entry: 'forgetProbes',
      on: { tripped: { target: 'open', actions: 'announceOpened' } },
    },
    open: {
      description: 'Calls are refused; waits for the recovery time to pass.',
      entry: 'forgetProbes',
      after: { recovery: { target: 'halfOpen', actions: 'announceHalfOpened' } },
    },
    halfOpen: {
      description: 'Waits for a call that may go through as a probe.',
      on: { admitted: { target: 'probing', actions: 'countProbe' } },
    },
    probing: {
      description: 'Probes are under way; waits for how they go, up to the limit of a probe.',
      on: {
        admitted: { target: 'probing', reenter: true, actions: 'countProbe' },
        ...probeEnds,
      },
      after: { probeLimit: { target: 'open', actions: 'announceTimeout' } },
    },
  },
});
