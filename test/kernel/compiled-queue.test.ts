import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AnyStateMachine, createActor, SimulatedClock } from 'xstate';
import { queueMachine } from '../../actors/queue.ts';
import type { QueueEvent } from '../../actors/rules/queue-hands.ts';
import { compileChart } from '../../src/kernel/compiled-chart.ts';

type Move =
  | QueueEvent
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'places'; readonly free: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('answered' as const),
      isPaused: fc.boolean(),
      hasMore: fc.boolean(),
      nextInMs: fc.constantFrom(1, 400, 1e9),
    }),
  },
  fc.record({
    type: fc.constant('failed' as const),
    error: fc.constant('no'),
    random: fc.constantFrom(0, 0.5),
  }),
  { weight: 2, arbitrary: fc.constantFrom<Move>({ type: 'news' }, { type: 'freed' }) },
  fc.record({ type: fc.constant('places' as const), free: fc.constantFrom(0, 2) }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(1, 400, 5_000) }),
);

const closing: fc.Arbitrary<Move> = fc.constant({ type: 'close' });

/** Everything that can be seen of the chart while it takes these moves. */
function story(chart: AnyStateMachine, moves: readonly Move[]): unknown[] {
  const clock = new SimulatedClock();
  const seen: unknown[] = [];
  const hands = {
    free: 2,
    claim: () => void seen.push('claim'),
    report: (...told: unknown[]) => void seen.push(told),
  };
  const actor = createActor(chart, { clock, input: { hands } }).start();
  for (const each of moves) {
    if (each.type === 'wait') clock.increment(each.ms);
    else if (each.type === 'places') hands.free = each.free;
    else actor.send(each);
    const { value, status, context } = actor.getSnapshot();
    seen.push([each.type, value, status, { ...context, hands: undefined }]);
  }
  return seen;
}

it('the compiled chart of a queue does the same as the chart, and reaches all of its states', () => {
  const states = new Set<string>();
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 9, arbitrary: move }, closing)), (moves) => {
      const compiled = story(compileChart(queueMachine), moves);

      expect(compiled).toEqual(story(queueMachine, moves));
      for (const each of compiled) {
        if (Array.isArray(each) && each.length === 4) states.add(each[1] as string);
      }
    }),
    { numRuns: 1_000, seed: 1 },
  );
  expect([...states].sort()).toEqual(Object.keys(queueMachine.states).sort());
});
