import { describe, expect, it } from 'vitest';
import { ProbeSeries } from '../../examples/watchtower/lib/probe-series.ts';

const good = (latencyMs: number) => {
  return { ok: true, outcome: '200', latencyMs, isHopeless: false };
};
const bad = { ok: false, outcome: 'ECONNREFUSED', latencyMs: 1, isHopeless: false };

describe('ProbeSeries', () => {
  it('is not up before it was checked', () => {
    expect(new ProbeSeries('http://a/').summary('a')).toMatchObject({ isUp: false, checks: 0 });
  });

  it('counts failures in a row until the next success', () => {
    const series = new ProbeSeries('http://a/');

    expect([bad, bad, good(5), bad].map((result) => series.record(result, 1))).toEqual([
      1, 2, 0, 1,
    ]);
  });

  it('measures the latency of successes only', () => {
    const series = new ProbeSeries('http://a/');

    for (const result of [good(10), bad, good(30), good(20)]) series.record(result, 1_000);

    expect(series.summary('a')).toEqual({
      name: 'a',
      url: 'http://a/',
      isUp: true,
      checks: 4,
      failures: 1,
      failuresInARow: 0,
      latencyMs: { p50: 20, p95: 30 },
      lastOutcome: '200',
      lastAt: 1_000,
    });
  });
});
