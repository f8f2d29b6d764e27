import { describe, expect, it } from 'vitest';
import { markdownReport, reportLine } from '../../examples/watchtower/lib/markdown.ts';
import { summaryOf } from '../../examples/watchtower/lib/target-summary.ts';

const noon = Date.UTC(2026, 0, 1, 12);

const check = (target: string, secondsAgo: number, ms: number, failure?: string) => {
  const at = noon - secondsAgo * 1_000;
  return { target, at, ms, ok: failure === undefined, outcome: failure ?? 'HTTP 200' };
};

const home = summaryOf(
  'home',
  [1, 2, 3, 50].map((ms, nth) => check('home', 4 - nth, ms)),
);
const orders = summaryOf('orders', [check('orders', 2, 3), check('orders', 1, 1, 'HTTP 500 | oh')]);
const incidents = [
  { target: 'orders', reason: 'HTTP 500', openedAt: noon - 10_000 },
  { target: 'search', reason: 'no answer', openedAt: noon - 60_000, closedAt: noon - 30_000 },
];
const report = {
  since: noon - 60_000,
  until: noon,
  silentAfter: 5_000,
  targets: [home, orders],
  incidents,
};

describe('the summary of a target', () => {
  it('is about the good checks where it is about time', () => {
    expect(home).toMatchObject({ checks: 4, failures: 0, uptime: 1, p50: 2, p95: 50 });
    expect(orders).toMatchObject({ checks: 2, failures: 1, uptime: 0.5, p50: 3 });
    expect(summaryOf('none', [])).toMatchObject({ checks: 0, uptime: 1, p50: undefined });
  });
});

describe('the report', () => {
  it('is Markdown for people, and what comes from outside draws no tables', () => {
    expect(markdownReport(report)).toMatchInlineSnapshot(`
      "# Watchtower

      2026-01-01 11:59:00 to 2026-01-01 12:00:00 UTC: 1 of 2 targets up, 83% of 6 checks were good, 2 incidents (1 open).

      ## Targets

      | Target | Last | Up | p50 | p95 | Checks | Failures |
      | --- | --- | --- | --- | --- | --- | --- |
      | home | HTTP 200 | 100% | 2ms | 50ms | 4 | 0 |
      | orders | HTTP 500 \\| oh | 50% | 3ms | 3ms | 2 | 1 |

      ## Incidents

      |  | Target | Why | Since | For |
      | --- | --- | --- | --- | --- |
      | **open** | orders | HTTP 500 | 2026-01-01 11:59:50 | 10s |
      | closed | search | no answer | 2026-01-01 11:59:00 | 30s |
      "
    `);
  });

  it('leaves out what there is nothing to say about', () => {
    expect(markdownReport({ ...report, targets: [], incidents: [] })).toBe(
      '# Watchtower\n\n2026-01-01 11:59:00 to 2026-01-01 12:00:00 UTC: 0 of 0 targets up, 100% of 0 checks were good, 0 incidents.\n',
    );
  });

  it('says everything in a line, and counts as up who was heard of lately', () => {
    expect(reportLine(report)).toBe(
      '1 of 2 targets up, 83% of 6 checks were good, 2 incidents (1 open)',
    );
    expect(reportLine({ ...report, until: noon + 60_000 })).toMatch(/^0 of 2 targets up/);
  });
});
