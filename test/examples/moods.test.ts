import { describe, expect, it } from 'vitest';
import { lifespan, moodAt } from '../../examples/watchtower/lib/moods.ts';

describe('moods of the target', () => {
  it('shows failures and a crash within the first ten seconds', () => {
    const moods = [0, 1_000, 4_999, 5_000].map((upMs) => moodAt(upMs, 1));

    expect(moods).toEqual(['well', 'failing', 'failing', 'crashing']);
    expect(lifespan(1)).toBe(5_000);
  });

  it('is slow soon after it came back, and lives longer then', () => {
    expect([0, 4_000, 10_000].map((upMs) => moodAt(upMs, 3))).toEqual(['well', 'slow', 'well']);
    expect(lifespan(3)).toBeGreaterThan(60_000);
  });
});
