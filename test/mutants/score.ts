import type { Finding } from './judge.ts';
import type { Mutant } from './mutant.ts';

/** What all seeds together say about one mutant. */
export interface Score {
  readonly mutant: Mutant;
  /** Those that were tried. */
  readonly seeds: number;
  readonly killed: number;
  /** Medians, over the seeds that killed it. */
  readonly runs: number | undefined;
  readonly faults: number | undefined;
  /** Those that killed it, the most frequent first. */
  readonly invariants: readonly string[];
  readonly isGood: boolean;
}

/** Of 20 seeds one may miss a mutant. */
const share = 19 / 20;
const mostFaults = 4;

/** How many of so many seeds may miss a mutant. */
export function missesOf(seeds: number): number {
  return seeds - Math.floor(seeds * share);
}

/** @param seeds how many there are; after too many misses the others are not tried */
export function scoreOf(mutant: Mutant, findings: readonly Finding[], seeds: number): Score {
  const kills = findings.filter(({ invariant }) => invariant !== undefined);
  const runs = median(kills.map((kill) => kill.runs));
  const faults = median(kills.flatMap((kill) => kill.faults ?? []));
  const isFound = kills.length >= seeds - missesOf(seeds);
  const isSmall = (faults ?? 0) <= mostFaults;
  return {
    mutant,
    seeds: findings.length,
    killed: kills.length,
    runs,
    faults,
    invariants: byFrequency(kills.map(({ invariant = '' }) => invariant)),
    // One that is called equivalent must not be found: then somebody can tell it from the original.
    isGood: mutant.equivalent === undefined ? isFound && isSmall : kills.length === 0,
  };
}

export function tableOf(scores: readonly Score[]): string {
  const width = Math.max(...scores.map(({ mutant }) => mutant.id.length));
  const lines = scores.map(({ mutant, killed, seeds, runs, faults, invariants, isGood }) => {
    const mark = isGood ? ' ' : '!';
    const by = mutant.equivalent === undefined ? invariants.join(', ') : 'equivalent';
    const numbers = [`${killed}/${seeds}`, runs ?? '-', faults ?? '-'];
    const [kills, until, left] = numbers.map((number) => String(number).padStart(6));
    return `${mark} ${mutant.id.padEnd(width)} ${kills} ${until} ${left}  ${by}`;
  });
  return [`  ${'mutant'.padEnd(width)} killed   runs faults  by`, ...lines].join('\n');
}

export function summaryOf(scores: readonly Score[]): string {
  const real = scores.filter(({ mutant }) => mutant.equivalent === undefined);
  const pairs = real.reduce((sum, { seeds }) => sum + seeds, 0);
  const killed = real.reduce((sum, score) => sum + score.killed, 0);
  const good = real.filter(({ isGood }) => isGood).length;
  const percent = pairs === 0 ? 100 : (100 * killed) / pairs;
  const others = scores.length - real.length;
  const faults = median(real.flatMap((score) => score.faults ?? [])) ?? '-';
  return `${good} of ${real.length} mutants are found; ${killed} of ${pairs} searches find theirs: ${percent.toFixed(1)} %. The median plan has ${faults} faults. Equivalent: ${others}.`;
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

function byFrequency(names: readonly string[]): string[] {
  const counts = Map.groupBy(names, (name) => name);
  return [...counts]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([name, { length }]) => (length > 1 ? `${name} ${length}` : name));
}
