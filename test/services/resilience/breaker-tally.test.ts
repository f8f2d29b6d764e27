import { describe, expect, it } from 'vitest';
import { tallyOf } from '../../../actors/rules/breaker-tally.ts';

describe('a tally of the last so many milliseconds', () => {
  it.each(Array.from({ length: 40 }, (_, step) => step * 100))(
    'counts what was at most ten slices ago, and nothing else: %i ms later',
    (laterMs) => {
      const tally = tallyOf({
        kind: 'rate',
        failureRate: 1,
        minimumCalls: 100,
        window: { ms: 1_000 },
      });
      for (let at = 0; at < 1_000; at += 100) tally.failed(at);
      const left = Math.max(0, 10 - laterMs / 100);

      expect(tally.counts(900 + laterMs)).toEqual({ calls: left, failures: left });
    },
  );
});

describe('a tally of the last calls', () => {
  it('forgets the oldest, and all of them when it is reset', () => {
    const window = { calls: 3 };
    const tally = tallyOf({ kind: 'rate', failureRate: 1, minimumCalls: 3, window });
    for (const hasFailed of [true, true, false, true]) {
      if (hasFailed) tally.failed(0);
      else tally.succeeded(0);
    }
    expect(tally.counts(0)).toEqual({ calls: 3, failures: 2 });
    tally.reset();
    expect(tally.counts(0)).toEqual({ calls: 0, failures: 0 });
    expect([1, 2, 3].map(() => tally.failed(0))).toEqual([false, false, true]);
  });
});
