import { describe, expect, it } from 'vitest';
import { boardLines } from '../../examples/watchtower/lib/board-lines.ts';

const now = Date.UTC(2026, 0, 1, 12);

/** Checks a second apart, up to now; undefined: one that failed. */
function lately(name: string, latencies: readonly (number | undefined)[]) {
  const checks = latencies.map((ms, nth) => ({
    target: name,
    at: now - (latencies.length - 1 - nth) * 1_000,
    ok: ms !== undefined,
    ms: ms ?? 1,
    outcome: 'HTTP',
  }));
  return { name, checks };
}

describe('the board', () => {
  it('has a line for each target, with a sign for each check', () => {
    const incidents = [{ target: 'orders', reason: 'HTTP 500, 3 in a row', openedAt: now }];
    const targets = [
      lately('home', [1, 10, 30, 100, 300, 700, 1_200, 9_000]),
      lately('orders', [3, 4, undefined, undefined, undefined]),
    ];

    expect(boardLines(targets, incidents, now, 1_000)).toEqual([
      '2 targets, 1 open incident',
      '  home    ▁▂▃▄▅▆▇█           100%  100ms',
      '✖ orders  ▁▁✖✖✖               40%    3ms  HTTP 500, 3 in a row',
    ]);
  });

  it('says of whom nothing was heard lately', () => {
    const [old] = [lately('home', [5])];
    const lines = boardLines([old, lately('shop', [])], [], now + 5_000, 1_000);

    expect(lines).toEqual([
      '2 targets, all is well',
      '  home  ▁                  100%    5ms  no news',
      '  shop                               –  no news',
    ]);
  });

  it('shows as many checks as there is room for, the latest', () => {
    const many = lately('home', [...Array(30).fill(1), undefined]);

    expect(boardLines([many], [], now, 1_000)[1]).toContain(` ${'▁'.repeat(17)}✖ `);
  });
});
