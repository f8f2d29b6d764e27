import type { Random } from '../kernel/random.ts';

const digits = 6;
const range = 36 ** digits;

/** Sorts by the time of its making, and no two are the same. */
export function newJobId(now: number, random: Random): string {
  const time = Math.floor(now).toString(36).padStart(9, '0');
  return time + drawn(random) + drawn(random);
}

function drawn(random: Random): string {
  return Math.floor(random() * range)
    .toString(36)
    .padStart(digits, '0');
}
