import type { Target } from '../settings.ts';
import type { Check } from '../topics.ts';

const stepMs = 1_800_000;
const steps = 52;

/** What the built-in site would have been like over the last 26 hours, had it been there. */
export function demoHistory(
  targets: readonly Target[],
  now: number,
  random: () => number,
): Check[] {
  return Array.from({ length: steps }, (_, nth) => now - (steps - nth) * stepMs).flatMap((at) =>
    targets.map(({ name: target }) => {
      const ok = random() > 0.01;
      const ms = Math.round(1 + 8 * random());
      return { target, at, ok, ms, outcome: ok ? 'HTTP 200' : 'HTTP 500' };
    }),
  );
}
