import { isDeepStrictEqual } from 'node:util';
import type { SupervisorRef } from '../../src/index.ts';
import type { Stage } from './stage.ts';
import type { Assertions, Counts, Result } from './vocabulary.ts';

/** Something that is not as expected. */
export interface Mismatch {
  readonly what: string;
  readonly expected: unknown;
  readonly observed: unknown;
}

type Assess<Expected> = (stage: Stage, expected: Expected) => readonly Mismatch[];

const assessors: { readonly [Key in keyof Assertions]-?: Assess<NonNullable<Assertions[Key]>> } = {
  status: byPath('status', ({ system }, path) => system?.find(path)?.status() ?? 'absent'),
  starts: byPath('starts', ({ log }, path) => log.of('starting', path).length),
  counts: byPath('counts', countsOf),
  ended: byPath('ended', ({ log }, path) => log.of('ended', path).at(-1)?.reason ?? 'not ended'),
  delays: byPath('delays', ({ log }, path) => log.of('backoff', path).map((e) => e.delayMs)),
  restartsCharged: byPath('restartsCharged', ({ log }, path) => log.of('backoff', path).length),
  worstCaseMs: byPath('worstCaseMs', worstCaseOf),
  results: (stage, expected) =>
    Object.entries(expected).flatMap(([name, result]) =>
      difference(`results.${name}`, result, stage.answers.get(name)?.result ?? 'unknown', stage),
    ),
  log: assessLog,
  logExact: (stage, entries) => compared('logExact', resolved(stage, entries), stage.log.sinceMark),
  never: (stage, entries) =>
    resolved(stage, entries)
      .filter((entry) => stage.log.sinceMark.includes(entry))
      .map((entry) => ({ what: 'never', expected: `no '${entry}'`, observed: `'${entry}'` })),
  unstopped: (stage, paths) => comparedSets(stage, 'unstopped', paths),
  stopErrors: (stage, paths) => comparedSets(stage, 'stop-error', paths),
  pendingTimers: ({ libraryClock }, expected) =>
    compared('pendingTimers', expected, libraryClock.armed),
};

/** What does not hold. */
export function assess(stage: Stage, assertions: Assertions): readonly Mismatch[] {
  return Object.entries(assessors).flatMap(([key, assessor]) => {
    const expected = assertions[key as keyof Assertions];
    return expected === undefined ? [] : (assessor as Assess<unknown>)(stage, expected);
  });
}

/** A result against the expected one; the paths are compared where they are given, as sets. */
export function difference(
  what: string,
  expected: Result,
  observed: unknown,
  stage: Stage,
): readonly Mismatch[] {
  if (typeof expected === 'string') return compared(what, expected, observed);
  const { error, paths } = (observed ?? {}) as { error?: string; paths?: readonly string[] };
  const isSame =
    error === expected.error &&
    (expected.paths === undefined ||
      isDeepStrictEqual(new Set(resolved(stage, expected.paths)), new Set(paths)));
  return isSame ? [] : [{ what, expected, observed }];
}

function compared(what: string, expected: unknown, observed: unknown): readonly Mismatch[] {
  return isDeepStrictEqual(expected, observed) ? [] : [{ what, expected, observed }];
}

function byPath<Value>(
  key: string,
  observe: (stage: Stage, path: string) => unknown,
): Assess<Readonly<Record<string, Value>>> {
  return (stage, expected) =>
    Object.entries(expected).flatMap(([path, value]) =>
      compared(`${key} of ${path}`, value, observe(stage, stage.resolve(path))),
    );
}

function countsOf({ system }: Stage, path: string): Counts | 'absent' {
  const supervisor: SupervisorRef | undefined = system?.find(path);
  if (!supervisor) return 'absent';
  const { specs, active, supervisors, workers } = supervisor.count();
  return { specs, active, supervisors, workers };
}

function worstCaseOf({ system }: Stage, path: string): number | string {
  const worst = system?.find(path)?.worstCaseStop() ?? 'absent';
  return worst === Number.POSITIVE_INFINITY ? 'infinity' : worst;
}

/** The entries occur in this order; others may lie between. */
function assessLog(stage: Stage, entries: readonly string[]): readonly Mismatch[] {
  const observed = stage.log.sinceMark;
  let from = 0;
  for (const [index, entry] of resolved(stage, entries).entries()) {
    const found = observed.indexOf(entry, from);
    if (found < 0) {
      const missing = `'${entry}' is not in the log${index === 0 ? '' : ` after '${entries[index - 1]}'`}`;
      return [{ what: 'log', expected: entries, observed: missing }];
    }
    from = found + 1;
  }
  return [];
}

function comparedSets(
  stage: Stage,
  type: 'unstopped' | 'stop-error',
  paths: readonly string[],
): readonly Mismatch[] {
  const observed = stage.log.of(type).map(({ path }) => path);
  const what = type === 'unstopped' ? 'unstopped' : 'stopErrors';
  return compared(what, sorted(resolved(stage, paths)), sorted(observed));
}

function sorted(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].sort();
}

/** Paths, or entries of the log, with what their names stand for. */
function resolved(stage: Stage, texts: readonly string[]): readonly string[] {
  return texts.map((text) => text.replace(/\$\S+/, (path) => stage.resolve(path)));
}
