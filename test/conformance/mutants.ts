import type { Assertions, Scenario, Step } from './vocabulary.ts';

/** A scenario of which one expectation has been made wrong. */
export interface Mutant {
  readonly what: string;
  readonly scenario: Scenario;
}

/** Every expectation of a scenario that holds, made wrong one at a time: each must be noticed. */
export function mutantsOf(scenario: Scenario): Mutant[] {
  return scenario.steps.flatMap((step, index) =>
    mutantsOfStep(step).map(([what, mutated]) => ({
      what: `${scenario.id} steps[${index}] ${what}`,
      scenario: { ...scenario, steps: scenario.steps.with(index, mutated) },
    })),
  );
}

function mutantsOfStep(step: Step): (readonly [what: string, mutated: Step])[] {
  if ('expect' in step) return [['expect', { ...step, expect: wrongResult(step.expect) } as Step]];
  if (step.do !== 'expect') return [];
  const { do: _, ...assertions } = step;
  return Object.entries(assertions).flatMap(([key, expected]) =>
    (wrong[key as keyof Assertions] as Mutate<unknown>)(expected).map(
      (mutated, index) => [`${key} ${index}`, { ...step, [key]: mutated } as Step] as const,
    ),
  );
}

type Mutate<Value> = (expected: Value) => readonly Value[];

const wrong: { readonly [Key in keyof Assertions]-?: Mutate<NonNullable<Assertions[Key]>> } = {
  status: eachValue((status) => (status === 'failed' ? 'waiting' : 'failed')),
  starts: eachValue((count) => count + 1),
  counts: eachValue((counts) => ({ ...counts, active: counts.active + 1 })),
  ended: eachValue((reason) => (reason === 'killed' ? 'normal' : 'killed')),
  results: eachValue(wrongResult),
  delays: eachValue((delays) => [...delays, 7]),
  restartsCharged: eachValue((count) => count + 1),
  worstCaseMs: eachValue((worst) => (worst === 'infinity' ? 1 : worst + 1)),
  log: (entries) => [[...entries, 'failed app']],
  logExact: (entries) => [
    [...entries, 'failed app'],
    ...(entries.length > 0 ? [entries.slice(1), entries.slice(0, -1)] : []),
  ],
  // What is asserted not to occur cannot be made to occur; see the tests of the runner.
  never: () => [],
  unstopped: (paths) => [[...paths, 'app/nobody']],
  stopErrors: (paths) => [[...paths, 'app/nobody']],
  pendingTimers: (count) => [count + 1],
};

function eachValue<Value>(
  change: (value: Value) => Value,
): Mutate<Readonly<Record<string, Value>>> {
  return (expected) =>
    Object.entries(expected).map(([name, value]) => ({ ...expected, [name]: change(value) }));
}

function wrongResult<Result>(result: Result): Result {
  return (result === 'ok' ? 'pending' : 'ok') as Result;
}
