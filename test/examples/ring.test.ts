import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ring } from '../../examples/watchtower/lib/ring.ts';

const ringOf = (capacity: number, values: readonly number[]) => {
  const ring = new Ring(capacity);
  for (const value of values) ring.push(value);
  return ring;
};

describe('Ring', () => {
  it('says nothing when it is empty', () => {
    const ring = new Ring(3);

    expect([ring.size, ring.last, ring.max, ring.quantile(0.5)]).toEqual([
      0,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('forgets the oldest', () => {
    const ring = ringOf(3, [100, 1, 2, 3]);

    expect([ring.size, ring.last, ring.max]).toEqual([3, 3, 3]);
  });

  it('takes a quantile that was measured', () => {
    const ring = ringOf(100, [5, 1, 4, 2, 3]);

    expect([0, 0.2, 0.5, 0.95, 1].map((share) => ring.quantile(share))).toEqual([1, 1, 3, 5, 5]);
  });

  it('agrees with sorting the latest values', () => {
    const values = fc.array(fc.integer(), { minLength: 1 });
    const property = fc.property(fc.integer({ min: 1, max: 20 }), values, (capacity, all) => {
      const ring = ringOf(capacity, all);
      const latest = all.slice(-capacity).sort((a, b) => a - b);
      expect(ring.max).toBe(latest.at(-1));
      expect(ring.quantile(0)).toBe(latest[0]);
      expect(ring.quantile(0.5)).toBe(latest[Math.ceil(latest.length / 2) - 1]);
    });

    fc.assert(property);
  });
});
