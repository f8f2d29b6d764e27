import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closest, didYouMean, editDistance } from '../../src/define/did-you-mean.ts';

describe('closest', () => {
  const words = ['permanent', 'transient', 'temporary', 'one-for-one', 'stopWithin'];

  it.each([
    ['prmanent', 'permanent'],
    ['PERMANENT', 'permanent'],
    ['transeint', 'transient'],
    ['oneForOne', 'one-for-one'],
    ['one_for_one', 'one-for-one'],
    ['stop_within', 'stopWithin'],
    ['none-for-one', 'one-for-one'],
    ['tmp', undefined],
    ['', undefined],
    ['completely different', undefined],
  ])('%s: %s', (word, meant) => {
    expect(closest(word, words)).toBe(meant);
  });

  it('asks only about text', () => {
    expect(didYouMean('prmanent', words)).toBe("Did you mean 'permanent'?");
    expect(didYouMean(3, words)).toBeUndefined();
  });
});

describe('editDistance', () => {
  it('counts letters inserted, removed, replaced and swapped', () => {
    expect([
      editDistance('', 'abc'),
      editDistance('abc', 'abc'),
      editDistance('abc', 'ab'),
      editDistance('abc', 'axc'),
      editDistance('abc', 'acb'),
    ]).toEqual([3, 0, 1, 1, 1]);
  });

  it('is symmetric and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
