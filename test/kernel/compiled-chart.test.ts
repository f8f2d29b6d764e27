import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnyStateMachine,
  createActor,
  createMachine,
  type InspectionEvent,
  SimulatedClock,
} from 'xstate';
import { jobMachine } from '../../actors/job.ts';
import type { AttemptEvent, AttemptPolicy } from '../../actors/rules/job-hands.ts';
import type { TaskEvent, TaskPolicy } from '../../actors/rules/task-hands.ts';
import { taskMachine } from '../../actors/task.ts';
import { compileChart } from '../../src/kernel/compiled-chart.ts';

type Move = TaskEvent | { readonly type: 'wait'; readonly ms: number } | { readonly type: 'other' };

const move: fc.Arbitrary<Move> = fc.oneof(
  fc.constant<Move>({ type: 'begin' }),
  fc.record({ type: fc.constant('cancel' as const), limitMs: fc.constantFrom(0, 5, Infinity) }),
  fc.constant<Move>({ type: 'abandon' }),
  fc.constant<Move>({ type: 'failing' }),
  fc.constant<Move>({ type: 'other' }),
  fc.record({
    type: fc.constant('returned' as const),
    result: fc.constantFrom(undefined, 1),
    isObedient: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('threw' as const),
    error: fc.constant('no'),
    isObedient: fc.boolean(),
    isRetryable: fc.boolean(),
    random: fc.constantFrom(0, 0.5),
  }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 4, 5, 10) }),
);

const policy: fc.Arbitrary<TaskPolicy> = fc.record({
  maxAttempts: fc.constantFrom(1, 2, 3),
  timeoutMs: fc.constantFrom(5, Infinity),
  cancelWithinMs: fc.constantFrom(5, Infinity),
  backoff: fc.constant({ firstMs: 4, maxMs: 8, factor: 2, jitter: 'full', resetAfterMs: 0 }),
});

/** The timeout of the first attempt must not strike the second. */
const secondAttempt: [TaskPolicy, Move[]] = [
  {
    maxAttempts: 2,
    timeoutMs: 5,
    cancelWithinMs: 5,
    backoff: { firstMs: 1, maxMs: 1, factor: 1, jitter: 'none', resetAfterMs: 0 },
  },
  [
    { type: 'begin' },
    { type: 'threw', error: 'no', isObedient: false, isRetryable: true, random: 0 },
    { type: 'wait', ms: 1 },
    { type: 'begin' },
    { type: 'wait', ms: 4 },
  ],
];

/** Everything that can be seen of a chart while it takes these moves. */
function story(chart: AnyStateMachine, of: TaskPolicy, moves: readonly Move[]): unknown[] {
  const clock = new SimulatedClock();
  const seen: unknown[] = [];
  const told = (what: string) => () => void seen.push(what);
  const hands = {
    launch: told('launch'),
    cancel: told('cancel'),
    expire: told('expire'),
    abandon: told('abandon'),
  };
  const actor = createActor(chart, { clock, input: { hands, policy: of } });
  actor.on('*', (news) => seen.push([news, actor.getSnapshot().value]));
  actor.subscribe({ complete: told('complete') });
  actor.start();
  for (const each of moves) {
    if (actor.getSnapshot().status !== 'active') break;
    if (each.type === 'wait') clock.increment(each.ms);
    else actor.send(each);
    const { value, status, context } = actor.getSnapshot();
    seen.push([each.type, value, status, { ...context, hands: undefined }]);
  }
  return seen;
}

type JobMove = AttemptEvent | Extract<Move, { type: 'wait' | 'other' }>;

const jobMove: fc.Arbitrary<JobMove> = fc.oneof(
  fc.record({
    type: fc.constant('cancel' as const),
    cause: fc.constantFrom('stopping' as const, 'cancelled' as const, 'lost' as const),
  }),
  fc.constantFrom<JobMove>(
    { type: 'begin' },
    { type: 'begin' },
    { type: 'abandon' },
    { type: 'committed' },
    { type: 'fail', failure: { error: 'other', fault: undefined } },
    { type: 'closed' },
    { type: 'closed' },
    { type: 'stored' },
    { type: 'refused' },
    { type: 'notStored' },
    { type: 'other' },
  ),
  fc.record({
    type: fc.constant('returned' as const),
    result: fc.constantFrom(undefined, 1),
    isObedient: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('threw' as const),
    error: fc.constant('no'),
    isObedient: fc.boolean(),
    fault: fc.constantFrom(undefined, 'not-retryable' as const),
  }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(0, 4, 5, 1_000) }),
);

/** The same of the chart of a job. */
function jobStory(chart: AnyStateMachine, policyOf: AttemptPolicy, moves: readonly JobMove[]) {
  const clock = new SimulatedClock();
  const seen: unknown[] = [];
  const hands = Object.fromEntries(
    ['launch', 'cancel', 'giveUp', 'fence', 'close', 'leaveOpen', 'settle'].map((name) => [
      name,
      (given: unknown) => void seen.push({ name, given }),
    ]),
  );
  const input = {
    hands: { ...hands, expire: () => 'too slow', retryDelay: () => 7 },
    policy: policyOf,
    attempt: 1,
    maxAttempts: 2,
  };
  const actor = createActor(chart, { clock, input });
  actor.on('*', (news) => seen.push([news, actor.getSnapshot().value]));
  actor.start();
  for (const each of moves) {
    if (actor.getSnapshot().status !== 'active') break;
    if (each.type === 'wait') clock.increment(each.ms);
    else actor.send(each);
    const { value, status, context } = actor.getSnapshot();
    seen.push([each.type, value, status, { ...context, hands: undefined }]);
  }
  return seen;
}

describe('a compiled chart', () => {
  it('does what XState makes of the chart, step by step', () => {
    // Infinity is a timer that never fires; XState's own clock would have it fire at once.
    const finite = ({ timeoutMs, cancelWithinMs, ...rest }: TaskPolicy) => ({
      ...rest,
      timeoutMs: Math.min(timeoutMs, 1e9),
      cancelWithinMs: Math.min(cancelWithinMs, 1e9),
    });
    fc.assert(
      fc.property(policy, fc.array(move, { maxLength: 15 }), (each, moves) => {
        const compiled = story(compileChart(taskMachine), finite(each), moves);

        expect(compiled).toEqual(story(taskMachine, finite(each), moves));
      }),
      { numRuns: 1_000, examples: [secondAttempt] },
    );
  });

  it('reaches every state of the chart', () => {
    const states = new Set<string>();
    fc.assert(
      fc.property(fc.array(move, { maxLength: 15 }), (moves) => {
        const policyOfAll = { maxAttempts: 3, timeoutMs: 5, cancelWithinMs: 5 };
        const backoff = {
          firstMs: 4,
          maxMs: 8,
          factor: 2,
          jitter: 'none',
          resetAfterMs: 0,
        } as const;
        for (const each of story(taskMachine, { ...policyOfAll, backoff }, moves)) {
          if (Array.isArray(each)) states.add(each[1] as string);
        }
      }),
      { numRuns: 2_000, seed: 1 },
    );

    expect([...states].sort()).toEqual(Object.keys(taskMachine.states).sort());
  });

  it('does the same with the chart of a job, and reaches all of its states', () => {
    const states = new Set<string>();
    fc.assert(
      fc.property(fc.array(jobMove, { maxLength: 12 }), fc.constantFrom(5, 1e9), (moves, ms) => {
        const of = { timeoutMs: ms, cancelWithinMs: 5 };
        const compiled = jobStory(compileChart(jobMachine), of, moves);

        expect(compiled).toEqual(jobStory(jobMachine, of, moves));
        for (const each of compiled) if (Array.isArray(each)) states.add(each[1] as string);
      }),
      { numRuns: 2_000, seed: 1 },
    );
    expect([...states].sort()).toEqual(Object.keys(jobMachine.states).sort());
  });

  it('shows itself to inspectors as the chart does', () => {
    const seen = (chart: AnyStateMachine) => {
      const events: string[] = [];
      const inspect = (event: InspectionEvent) => void events.push(event.type);
      const hands = { launch() {}, cancel() {}, expire() {}, abandon() {} };
      const of = {
        maxAttempts: 1,
        timeoutMs: 5,
        cancelWithinMs: 5,
        backoff: { firstMs: 1, maxMs: 1, factor: 1, jitter: 'none', resetAfterMs: 0 },
      };
      const actor = createActor(chart, { inspect, input: { hands, policy: of } }).start();
      actor.send({ type: 'begin' });
      actor.send({ type: 'returned', result: 1, isObedient: false });
      return events.filter((type) => type !== '@xstate.microstep' && type !== '@xstate.action');
    };

    expect(seen(compileChart(taskMachine))).toEqual(seen(taskMachine));
  });

  it.each([
    ['nested states', { states: { a: { initial: 'b', states: { b: {} } } } }],
    ['a target in place of a transition', { states: { a: { always: 'b' }, b: {} } }],
    ['an invocation', { states: { a: { invoke: { src: 'x' } } } }],
    ['handlers of all states', { on: { stop: '.a' }, states: { a: {} } }],
    ['an action that is nowhere', { states: { a: { entry: 'nowhere' } } }],
  ])('cannot be made of a chart with %s', (_what, config) => {
    const machine = createMachine({ id: 'x', initial: 'a', context: {}, ...config } as never);

    expect(() => compileChart(machine)).toThrow(TypeError);
  });
});
