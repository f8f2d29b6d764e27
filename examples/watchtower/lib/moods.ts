/** How the built-in site behaves: as it should, late, with errors, or not at all any more. */
export type Mood = 'well' | 'slow' | 'failing' | 'crashing';

type Phase = readonly [mood: Mood, lastsMs: number];

/** Everything there is to see within the first twenty seconds, then rarer. */
const firstLife: readonly Phase[] = [
  ['well', 1_000],
  ['failing', 4_000],
];
const laterLives: readonly Phase[] = [
  ['well', 3_000],
  ['slow', 6_000],
  ['well', 40_000],
  ['failing', 8_000],
  ['well', 60_000],
];

const phasesOf = (life: number) => (life === 1 ? firstLife : laterLives);

/**
 * @param upMs how long this life has lasted
 * @param life which one it is, from 1
 */
export function moodAt(upMs: number, life: number): Mood {
  let endsMs = 0;
  for (const [mood, lastsMs] of phasesOf(life)) {
    endsMs += lastsMs;
    if (upMs < endsMs) return mood;
  }
  return 'crashing';
}

/** How long a life lasts, in milliseconds. */
export function lifespan(life: number): number {
  return phasesOf(life).reduce((sum, [, lastsMs]) => sum + lastsMs, 0);
}
