import { describe, expect, it } from 'vitest';
import { Rate } from '../../examples/watchtower/lib/rate.ts';

const noon = Date.UTC(2026, 0, 1, 12);

describe('Rate', () => {
  it('counts the last minute', () => {
    const rate = new Rate();

    rate.add(noon);
    rate.add(noon + 30_000, 2);

    expect(
      [0, 30_000, 59_000, 60_000, 89_000, 90_000].map((ms) => rate.perMinute(noon + ms)),
    ).toEqual([3, 3, 3, 2, 2, 0]);
  });

  it('forgets everything after a long silence', () => {
    const rate = new Rate();
    rate.add(noon, 7);

    expect(rate.perMinute(noon + 365 * 86_400_000)).toBe(0);
    expect(rate.perMinute(noon)).toBe(0);
  });

  it('keeps counting when the clock is set back', () => {
    const rate = new Rate();
    rate.add(noon);

    rate.add(noon - 3_600_000);

    expect(rate.perMinute(noon)).toBe(2);
  });
});
