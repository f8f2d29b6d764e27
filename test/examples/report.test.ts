import { describe, expect, it, vi } from 'vitest';
import { Ledger } from '../../examples/watchtower/lib/ledger.ts';
import { markdownReport } from '../../examples/watchtower/lib/markdown.ts';
import { historyRow, summaryLine } from '../../examples/watchtower/lib/summary.ts';

vi.mock('daruma', () => import('../../src/index.ts'));

const noon = Date.UTC(2026, 0, 1, 12);
const GiB = 1024 ** 3;

function busyLedger(): Ledger {
  const ledger = new Ledger(noon - 65_000);
  ledger.host = {
    load: [0.5, 0.25, 0.125],
    cpus: 4,
    memory: { used: 4 * GiB, total: 16 * GiB },
    disks: [{ path: '/', used: 63 * GiB, total: 100 * GiB }],
    loopDelay: { p99: 2, max: 31 },
  };
  const result = { outcome: '200', isHopeless: false };
  const home = ledger.probe('home', 'http://a/');
  for (const latencyMs of [3, 4, 50]) home.record({ ...result, ok: true, latencyMs }, noon - 500);
  const orders = ledger.probe('orders', 'http://a/orders');
  for (const _ of [1, 2])
    orders.record({ ...result, ok: false, latencyMs: 1, outcome: 'HTTP 500' }, noon - 2_000);
  ledger.incidents.open('search', 'no answer', noon - 60_000);
  ledger.incidents.resolve('search', noon - 30_000);
  ledger.incidents.open('orders', 'HTTP 500', noon - 10_000);
  const log = ledger.log('app.log', '/var/log/app.log');
  log.record('ERROR a | b\tc', noon);
  log.record('INFO fine', noon);
  ledger.log('gone.log', '/var/log/gone.log').problem = 'no such file';
  ledger.history.add(historyRow(ledger.overview(noon - 5_000)));
  return ledger;
}

describe('the report', () => {
  it('is Markdown for people', () => {
    expect(markdownReport(busyLedger().overview(noon))).toMatchInlineSnapshot(`
      "# Watchtower: 1 incident

      2026-01-01 12:00:00 UTC, on watch for 1m 5s

      ## Incidents

      |  | What | Why | Since | For |
      | --- | --- | --- | --- | --- |
      | **open** | orders | HTTP 500 | 2026-01-01 11:59:50 | 10s |
      | resolved | search | no answer | 2026-01-01 11:59:00 | 30s |

      ## Host

      |  |  |
      | --- | --- |
      | Load | 0.50 0.25 0.13 on 4 CPUs |
      | Memory | 25% of 16.0 GiB |
      | Disk / | 63% of 100.0 GiB |
      | Event loop delay | p99 2ms, at most 31ms |

      ## URLs

      |  | URL | Last | p50 | p95 | Checks | Failures |
      | --- | --- | --- | --- | --- | --- | --- |
      | ✔ | http://a/ | 200, 500ms ago | 4ms | 50ms | 3 | 0 |
      | ✖ | http://a/orders | HTTP 500, 2s ago | – | – | 2 | 2 (2 in a row) |

      ## Logs

      |  | File | Lines | Errors | Warnings | Lines/min | Errors/min |
      | --- | --- | --- | --- | --- | --- | --- |
      | ✔ | /var/log/app.log | 2 | 1 | 0 | 2 | 1 |
      | ✖ | /var/log/gone.log: no such file | 0 | 0 | 0 | 0 | 0 |

      ## Last errors

          ERROR a | b c

      ## History

      | At | URLs up | Load | Memory | Loop p99 | Errors/min | Incidents |
      | --- | --- | --- | --- | --- | --- | --- |
      | 2026-01-01 11:59:55 | 1/2 | 0.50 | 25% | 2ms | 1 | 1 |
      "
    `);
  });

  it('leaves out what there is nothing to say about', () => {
    expect(markdownReport(new Ledger(noon).overview(noon))).toBe(
      '# Watchtower: all is well\n\n2026-01-01 12:00:00 UTC, on watch for 0ms\n',
    );
  });

  it('is plain data for programs', () => {
    const overview = busyLedger().overview(noon);

    expect(JSON.parse(JSON.stringify(overview))).toMatchObject({
      at: noon,
      host: { cpus: 4 },
      probes: [
        { name: 'home', isUp: true },
        { name: 'orders', failuresInARow: 2 },
      ],
      openIncidents: [{ subject: 'orders' }],
    });
  });

  it('shows the latest ten rows of the history, the latest first', () => {
    const ledger = new Ledger(noon);
    for (let at = 0; at < 30; at++) {
      ledger.history.add(historyRow(ledger.overview(noon + at * 1_000)));
    }

    const times = markdownReport(ledger.overview(noon)).match(/12:00:\d\d(?= \|)/g);

    expect(times?.[0]).toBe('12:00:29');
    expect(times).toHaveLength(10);
  });
});

describe('the summary', () => {
  it('says everything in a line', () => {
    expect(summaryLine(busyLedger().overview(noon))).toBe(
      '1/2 URLs up, load 0.50, memory 25%, disk 63%, loop p99 2ms, 2 log lines/min (1 error), 1 open incident',
    );
  });

  it('says only what is known', () => {
    expect(summaryLine(new Ledger(noon).overview(noon))).toBe('no incidents');
  });
});

describe('the ledger', () => {
  it('goes on with a series when a probe comes back, at another address too', () => {
    const ledger = new Ledger(noon);
    const failure = { ok: false, outcome: 'HTTP 500', latencyMs: 1, isHopeless: false };

    ledger.probe('orders', 'http://127.0.0.1:1/').record(failure, noon);
    const inARow = ledger.probe('orders', 'http://127.0.0.1:2/').record(failure, noon);

    expect(inARow).toBe(2);
    expect(ledger.overview(noon).probes).toMatchObject([{ url: 'http://127.0.0.1:2/' }]);
  });
});
