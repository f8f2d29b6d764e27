import { assign, emit, setup } from 'xstate';
import type { LeaseEvent, LeaseHands, LeaseNews } from './rules/lease-hands.ts';
import {
  expiryOf,
  hintedDelay,
  type LeaseTerms,
  pollDelay,
  renewDelay,
  retryDelay,
  unreachableDelay,
} from './rules/lease-timing.ts';

export interface LeaseInput {
  readonly hands: LeaseHands;
  readonly terms: LeaseTerms;
  /** What giving it back may take, in milliseconds. */
  readonly returnWithinMs: number;
}

interface LeaseContext extends LeaseInput {
  /** When it was asked for, or for its renewal: it lasts from then on. */
  readonly askedAt: number;
  /** When what runs under it has to be stopped. */
  readonly expiresAt: number;
  /** When to ask again. */
  readonly asksAt: number;
  readonly token: number | null;
  /** Who has it, as was last said. */
  readonly holder: string | undefined;
  /** Times in a row that nobody answered. */
  readonly failures: number;
}

const nothing = { token: null, holder: undefined } as const;

const lease = setup({
  types: {} as {
    context: LeaseContext;
    input: LeaseInput;
    events: LeaseEvent;
    emitted: LeaseNews;
  },
  guards: {
    isInTime: ({ context: { hands, terms, askedAt } }) => hands.now() < expiryOf(terms, askedAt),
    isSomebodyElse: ({ context, event }) =>
      event.type === 'refused' && event.holder !== context.holder,
    isFree: ({ event }) => event.type === 'returned' && event.isFree,
    isFirstFailure: ({ context }) => context.failures === 0,
    isBackInReach: ({ context }) => context.failures > 0,
    isWorthAsking: ({ context: { hands, asksAt } }) => asksAt > hands.now() + hintedDelay(1),
  },
  delays: {
    untilAsked: ({ context: { hands, asksAt } }) => Math.max(0, asksAt - hands.now()),
    renewal: ({ context }) => renewDelay(context.terms),
    untilExpired: ({ context: { hands, expiresAt } }) => Math.max(0, expiresAt - hands.now()),
    returnLimit: ({ context }) => context.returnWithinMs,
  },
  actions: {
    noteAsked: assign({ askedAt: ({ context }) => context.hands.now() }),
    noteGranted: assign(({ context, event }) => ({
      token: event.type === 'granted' ? event.token : null,
      expiresAt: expiryOf(context.terms, context.askedAt),
      holder: undefined,
      failures: 0,
    })),
    noteRenewed: assign(({ context }) => ({
      expiresAt: expiryOf(context.terms, context.askedAt),
      failures: 0,
    })),
    noteRefused: assign(({ context: { hands, terms }, event }) => {
      if (event.type !== 'refused') return {};
      const waitMs = pollDelay(terms, event.forMs, hands.random());
      return { asksAt: hands.now() + waitMs, holder: event.holder, failures: 0 };
    }),
    noteFailure: assign(({ context: { hands, terms, failures, token } }) => ({
      asksAt:
        hands.now() +
        (token === null
          ? unreachableDelay(terms, failures, hands.random())
          : retryDelay(terms, hands.random())),
      failures: failures + 1,
      holder: undefined,
    })),
    noteHint: assign(({ context: { hands } }) => ({
      asksAt: hands.now() + hintedDelay(hands.random()),
    })),
    noteLost: assign(({ context: { hands, terms } }) => ({
      ...nothing,
      asksAt: hands.now() + pollDelay(terms, 0, hands.random()),
    })),

    acquire: ({ context }) => context.hands.acquire(),
    renew: ({ context: { hands, token } }) => hands.renew(token as number),
    release: ({ context: { hands, token } }) => hands.release(token as number),
    beginWork: ({ context: { hands, token } }) => hands.beginWork(token as number),
    endWork: ({ context }) => context.hands.endWork(),

    announceStandingBy: emit(({ event }) => ({
      type: 'standingBy',
      holder: event.type === 'refused' ? event.holder : '',
    })),
    announceAcquired: emit(({ context }) => ({
      type: 'acquired',
      token: context.token as number,
    })),
    announceUnreachable: emit(({ context, event }) => ({
      type: 'unreachable',
      token: context.token,
      error: event.type === 'unreachable' ? event.error : undefined,
    })),
    announceRenewed: emit(({ context }) => ({ type: 'renewed', token: context.token as number })),
    announceLost: emit(({ context }) => ({ type: 'lost', token: context.token as number })),
    announceReleased: emit(({ context }) => ({
      type: 'released',
      token: context.token as number,
    })),
  },
});

/**
 * Somebody who wants to do what at most one of many may do at a time, and holds a lease while it
 * does.
 *
 * ```
 *  acquiring ──refused, unreachable──▶ standingBy ──untilAsked──▶ acquiring
 *     │ granted                            ▲
 *     ▼                                    │ workEnded
 *  holding ──lost, or not renewed in time──▶ losing
 *     │    resting ──▶ renewing ──▶ resting, or retrying
 *     │ stop
 *     ▼
 *  handingOver ──workEnded──▶ returning ──▶ over          stop while it stands by: over at once;
 *                                                         while it asks: withdrawing first
 * ```
 *
 * What runs under the lease is stopped `marginMs` before the lease can run out, so that it has ended
 * when somebody else begins; the lease is given back only when it has.
 */
export const leaseMachine = lease.createMachine({
  id: 'lease',
  context: ({ input }) => ({
    ...input,
    ...nothing,
    askedAt: 0,
    expiresAt: 0,
    asksAt: 0,
    failures: 0,
  }),
  initial: 'acquiring',
  states: {
    acquiring: {
      description: 'Has asked for the lease, and waits for the answer.',
      entry: ['noteAsked', 'acquire'],
      on: {
        granted: [
          {
            guard: 'isInTime',
            target: 'holding',
            actions: ['noteGranted', 'announceAcquired', 'beginWork'],
          },
          { target: 'standingBy', actions: ['noteGranted', 'release', 'noteLost'] },
        ],
        refused: [
          {
            guard: 'isSomebodyElse',
            target: 'standingBy',
            actions: ['noteRefused', 'announceStandingBy'],
          },
          { target: 'standingBy', actions: 'noteRefused' },
        ],
        unreachable: [
          {
            guard: 'isFirstFailure',
            target: 'standingBy',
            actions: ['noteFailure', 'announceUnreachable'],
          },
          { target: 'standingBy', actions: 'noteFailure' },
        ],
        stop: 'withdrawing',
      },
    },
    standingBy: {
      description: 'Somebody else has the lease; asks again when it may have run out.',
      after: { untilAsked: 'acquiring' },
      on: {
        hinted: {
          guard: 'isWorthAsking',
          target: 'standingBy',
          reenter: true,
          actions: 'noteHint',
        },
        stop: 'over',
      },
    },
    holding: {
      description: 'Has the lease, and what it is for runs; renews it long before it runs out.',
      initial: 'resting',
      after: { untilExpired: { target: 'losing', actions: 'announceLost' } },
      on: {
        lost: { target: 'losing', actions: 'announceLost' },
        stop: 'handingOver',
      },
      states: {
        resting: {
          description: 'The lease is good for a while.',
          after: { renewal: 'renewing' },
        },
        renewing: {
          description: 'Has asked for more time, and waits for the answer.',
          entry: ['noteAsked', 'renew'],
          on: {
            renewed: [
              {
                guard: 'isBackInReach',
                target: '#lease.holding',
                reenter: true,
                actions: ['noteRenewed', 'announceRenewed'],
              },
              { target: '#lease.holding', reenter: true, actions: 'noteRenewed' },
            ],
            unreachable: [
              {
                guard: 'isFirstFailure',
                target: 'retrying',
                actions: ['noteFailure', 'announceUnreachable'],
              },
              { target: 'retrying', actions: 'noteFailure' },
            ],
          },
        },
        retrying: {
          description: 'Nobody has answered; asks again as long as there is time.',
          after: { untilAsked: 'renewing' },
        },
      },
    },
    losing: {
      description: 'The lease is lost or about to be; waits until what ran under it has ended.',
      entry: 'endWork',
      on: {
        workEnded: { target: 'standingBy', actions: ['release', 'noteLost'] },
        stop: 'handingOver',
      },
    },
    handingOver: {
      description: 'Its end was asked for; waits until what runs under the lease has ended.',
      on: { workEnded: 'returning' },
    },
    returning: {
      description: 'Gives the lease back, so that somebody else has it at once.',
      entry: 'release',
      on: {
        returned: [
          { guard: 'isFree', target: 'over', actions: 'announceReleased' },
          { target: 'over' },
        ],
      },
      after: { returnLimit: 'over' },
    },
    withdrawing: {
      description: 'Its end was asked for while it waited for an answer.',
      on: {
        granted: { target: 'returning', actions: 'noteGranted' },
        refused: 'over',
        unreachable: 'over',
      },
      after: { returnLimit: 'over' },
    },
    over: { description: 'Neither has the lease nor wants it.', type: 'final' },
  },
});
