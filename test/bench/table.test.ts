import { describe, expect, it } from 'vitest';
import type { Bench } from '../../bench/bench.ts';
import { median, tablesOf } from '../../bench/table.ts';

const bench: Bench = {
  name: 'calls',
  compares: 'calls',
  contenders: ['floor', 'daruma'],
  base: 'floor',
  cases: ['small', 'large'],
  figures: ['µs', 'calls/s'],
  run: async () => ({}),
};

describe('the table of a bench', () => {
  it('has the medians, the ratios within each round, and how far those lie apart', () => {
    const rows = [
      { case: 'small', contender: 'floor', rounds: [{ µs: 1 }, { µs: 2 }, { µs: 10 }] },
      { case: 'small', contender: 'daruma', rounds: [{ µs: 2 }, { µs: 5 }, { µs: 30 }] },
      { case: 'large', contender: 'floor', rounds: [{ µs: 1, 'calls/s': 1_000_000 }] },
      { case: 'large', contender: 'daruma', rounds: [{ µs: 0.126, 'calls/s': 123_456 }] },
    ];

    expect(tablesOf(bench, rows)).toMatchInlineSnapshot(`
      "                 µs     ×     ±
      small  floor   2.00
             daruma  5.00  2.50  20 %

                       µs      ×  ±    calls/s      ×  ±
      large  floor   1.00            1,000,000
             daruma  0.13  0.126       123,000  0.123"
    `);
  });

  it('has no ratios where nothing stands beside it', () => {
    const alone = { ...bench, contenders: ['daruma'], base: 'daruma', figures: ['runs/s'] };
    const rows = [{ case: 'small', contender: 'daruma', rounds: [{ 'runs/s': 59.14 }] }];

    expect(tablesOf(alone, rows)).toMatchInlineSnapshot(`
      "               runs/s
      small  daruma    59.1"
    `);
  });

  it('begins anew where a case has other figures, and leaves out who has none', () => {
    const rows = [
      { case: 'small', contender: 'floor', rounds: [{ µs: 1 }] },
      { case: 'small', contender: 'daruma', rounds: [{ µs: 2 }] },
      { case: 'large', contender: 'floor', rounds: [{}, { 'calls/s': undefined }] },
      { case: 'large', contender: 'daruma', rounds: [{ 'calls/s': 5 }] },
    ];

    expect(tablesOf(bench, rows)).toMatchInlineSnapshot(`
      "                 µs     ×  ±
      small  floor   1.00
             daruma  2.00  2.00

                     calls/s
      large  daruma     5.00"
    `);
  });
});

describe('median', () => {
  it('leaves out what was not measured', () => {
    expect(median([3, undefined, 1, 2])).toBe(2);
    expect(median([undefined])).toBeUndefined();
  });
});
