import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createActor, SimulatedClock } from 'xstate';
import type { BackoffPolicy } from '../../actors/rules/backoff.ts';
import type { Outcome } from '../../actors/rules/restart.ts';
import type { MemberPolicy, Roster, SupervisorPolicy } from '../../actors/rules/roster.ts';
import {
  type SupervisorEvent,
  type SupervisorInput,
  supervisorMachine,
} from '../../actors/supervisor.ts';
import { compileChart } from '../../src/kernel/compiled-chart.ts';

type Move = SupervisorEvent | { readonly type: 'wait' };

const backoff: BackoffPolicy = {
  firstMs: 10,
  maxMs: 100,
  factor: 2,
  jitter: 'none',
  resetAfterMs: 1_000,
};

const supervisor: fc.Arbitrary<SupervisorPolicy> = fc.record({
  strategy: fc.constantFrom('one-for-one', 'one-for-all', 'rest-for-one'),
  order: fc.constantFrom('sequential', 'parallel'),
  intensity: fc.constantFrom(0, 1, 3),
  periodMs: fc.constant(1_000),
  whenExhausted: fc.constantFrom('escalate', 'give-up'),
  autoShutdown: fc.constantFrom('never', 'any-significant', 'all-significant'),
  maxChildren: fc.constantFrom(3, 4),
});

function member(id: fc.Arbitrary<string>): fc.Arbitrary<MemberPolicy> {
  return fc.record({
    id,
    kind: fc.constantFrom('service', 'supervisor'),
    restart: fc.constantFrom('permanent', 'transient', 'temporary'),
    significant: fc.boolean(),
    backoff: fc.constant(backoff),
    firstStart: fc.constantFrom('fail', 'retry'),
    needsReady: fc.boolean(),
  });
}

const members = fc.tuple(...['a', 'b', 'c'].map((id) => member(fc.constant(id))));
const id = fc.constantFrom('a', 'b', 'c', 'a', 'b', 'c', 'd');
const call = fc.nat({ max: 1_000 });

const outcome: fc.Arbitrary<Outcome> = fc.record(
  {
    reason: fc.constantFrom('normal', 'error', 'shutdown', 'killed', 'RestartLimitExceeded'),
    error: fc.constantFrom(undefined, 'no'),
    startFailed: fc.boolean(),
    unstopped: fc.boolean(),
    readyMs: fc.constantFrom(-1, 0, 2_000),
    decision: fc.constantFrom('restart', 'stop', 'escalate'),
  },
  { requiredKeys: ['reason', 'startFailed', 'unstopped', 'readyMs'] },
);

function about<const Type extends SupervisorEvent['type']>(type: Type, more: object = {}) {
  return fc.record({ type: fc.constant(type), id, ...more }) as fc.Arbitrary<unknown>;
}

const move = fc.oneof(
  { arbitrary: about('memberReady'), weight: 6 },
  { arbitrary: about('memberDown', { outcome, at: fc.nat({ max: 3_000 }) }), weight: 6 },
  { arbitrary: fc.constant({ type: 'wait' }), weight: 3 },
  about('memberIgnored', { outcome, at: fc.constant(0) }),
  about('restartDue'),
  { arbitrary: about('needsReady'), weight: 3 },
  about('needLost', { suspend: fc.boolean() }),
  about('stopChild', { call }),
  about('restartChild', { call }),
  about('removeChild', { call }),
  fc.record({ type: fc.constant('startChild'), call, member: member(id) }),
  fc.constantFrom({ type: 'freeze' }, { type: 'stop' }, { type: 'other' }),
) as fc.Arbitrary<Move>;

/** Everything that can be seen of a chart while it takes these moves. */
function story(
  chart: AnyStateMachine,
  input: Omit<SupervisorInput, 'crew'>,
  moves: readonly Move[],
) {
  const clock = new SimulatedClock();
  const seen: unknown[] = [];
  const answers: Readonly<Record<string, unknown>> = { random: 0.5, recall: true };
  const crew = new Proxy({} as SupervisorInput['crew'], {
    get: (_, name: string) => {
      return (...given: unknown[]) => {
        seen.push([name, ...given]);
        return answers[name];
      };
    },
  });
  const actor = createActor(chart, { clock, input: { ...input, crew } });
  const look = () => {
    const { value, status, context, output } = actor.getSnapshot();
    const { members: all, group, arriving, exits } = context.roster as Roster;
    const states = [...all.values()].map(({ policy, state, due }) => [policy.id, state, due]);
    seen.push({ value, status, output, end: context.end, states });
    seen.push({ group: [...group], arriving: [...arriving], exits: exits.length });
  };
  actor.subscribe({ complete: () => void seen.push('complete') });
  actor.start();
  look();
  for (const each of moves) {
    if (actor.getSnapshot().status !== 'active') break;
    if (each.type === 'wait') clock.increment(0);
    else actor.send(each);
    look();
  }
  return seen;
}

describe('the compiled chart of a supervisor', () => {
  it('does what XState makes of the chart, step by step, and reaches all of its states', () => {
    const states = new Set<unknown>();
    fc.assert(
      fc.property(supervisor, members, fc.array(move, { maxLength: 25 }), (policy, all, moves) => {
        const input = { policy, members: all };
        const compiled = story(compileChart(supervisorMachine), input, moves);

        expect(compiled).toEqual(story(supervisorMachine, input, moves));
        for (const each of compiled) states.add((each as { readonly value?: unknown }).value);
      }),
      { numRuns: 2_000, seed: 1 },
    );

    states.delete(undefined);
    expect([...states].sort()).toEqual(Object.keys(supervisorMachine.states).sort());
  });
});
