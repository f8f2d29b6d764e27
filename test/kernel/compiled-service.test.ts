import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createActor, SimulatedClock } from 'xstate';
import type { ServiceEvent } from '../../actors/rules/hands.ts';
import { serviceMachine } from '../../actors/service.ts';
import { compileChart } from '../../src/kernel/compiled-chart.ts';

type Move = ServiceEvent | { readonly type: 'wait'; readonly ms: number };

const at = fc.nat(20);
const limitMs = fc.constantFrom(0, 5, 10, 1e9);
const error = fc.constantFrom('no', undefined);
const charge = { delayMs: 4, attempt: 1, used: 1, intensity: 20, periodMs: 60_000 };

const move = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('start'), attempt: fc.nat(2), at }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('ready'), at }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('stop'), limitMs, at }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('failed'), error, at, limitMs }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('left'),
      reason: fc.constantFrom('normal', 'error'),
      error,
      at,
      limitMs,
    }),
  },
  { weight: 3, arbitrary: fc.constant({ type: 'ended' }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('wait'), ms: fc.constantFrom(1, 4, 10) }) },
  { weight: 2, arbitrary: fc.constant({ type: 'backOff', charge }) },
  fc.record({ type: fc.constant('kill'), at }),
  fc.record({ type: fc.constant('hold'), suspended: fc.boolean() }),
  fc.constantFrom('abandon', 'rest', 'giveUp', 'ignored', 'unknown').map((type) => ({ type })),
  fc.constant({ type: 'cleanupFailed', errors: ['no'] }),
) as fc.Arbitrary<Move>;

/** The limit of the first start must not strike the second. */
const secondStart: Move[] = [
  { type: 'start', attempt: 0, at: 0 },
  { type: 'wait', ms: 4 },
  { type: 'failed', error: 'no', at: 4, limitMs: 1e9 },
  { type: 'ended' },
  { type: 'start', attempt: 1, at: 4 },
  { type: 'wait', ms: 8 },
];

/** Everything that can be seen of a chart while it takes these moves. */
function story(chart: AnyStateMachine, moves: readonly Move[]): unknown[] {
  const clock = new SimulatedClock();
  const seen: unknown[] = [];
  const hands = new Proxy(
    {},
    {
      get: (_hands, name) => (told: unknown) => {
        seen.push([name, told]);
        return name;
      },
    },
  );
  const input = { hands, startWithinMs: 10, stopWithinMs: 5 };
  const actor = createActor(chart, { clock, input });
  actor.on('*', (news) => seen.push(['news', news, actor.getSnapshot().value]));
  actor.start();
  for (const each of moves) {
    if (each.type === 'wait') clock.increment(each.ms);
    else actor.send(each);
    const { value, status, context } = actor.getSnapshot();
    seen.push([each.type, value, status, { ...context, hands: undefined }]);
  }
  return seen;
}

const moves = fc.array(move, { maxLength: 20 });

describe('the compiled chart of a service', () => {
  it('does what XState makes of the chart, step by step', () => {
    const compiled = compileChart(serviceMachine);
    fc.assert(
      fc.property(moves, (each) => {
        expect(story(compiled, each)).toEqual(story(serviceMachine, each));
      }),
      { numRuns: 1_000, examples: [[secondStart]] },
    );
  });

  it('reaches every state of the chart', () => {
    const states = new Set<unknown>();
    fc.assert(
      fc.property(moves, (each) => {
        for (const step of story(serviceMachine, each)) states.add((step as unknown[])[1]);
      }),
      { numRuns: 2_000, seed: 1 },
    );

    expect(Object.keys(serviceMachine.states).filter((state) => !states.has(state))).toEqual([]);
  });
});
