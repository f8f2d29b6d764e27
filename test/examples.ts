/**
 * Runs every example as a person would, and looks at what it said. `npm run examples`
 *
 * Exits with 1 when something was missing, with the whole output of what failed.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'bin/daruma.js');

/** A line of the log: `<path> <message>`. */
interface Line {
  readonly text: string;
  readonly path: string;
  readonly event: string | undefined;
  readonly level: number;
  readonly tookMs: number | undefined;
}

interface Outcome {
  readonly exitCode: number | null;
  readonly lines: readonly Line[];
  readonly output: string;
}

type Check = readonly [what: string, fault: string | undefined];

interface Example {
  readonly title: string;
  readonly run: () => Promise<Check[]>;
}

const folder = mkdtempSync(join(tmpdir(), 'daruma-examples-'));

const examples: Example[] = [
  {
    title: '01-hello-service',
    run: async () => {
      const outcome = await daruma('01-hello-service', '10s');
      return [
        ...orderly(outcome, ['hello/clock', 'hello'], []),
        says(outcome, [/clock tick 1: /, /^hello is running: 1 service/, /clock tick 5: /]),
      ];
    },
  },
  {
    title: '02-supervision-tree',
    run: async () => {
      const outcome = await daruma('02-supervision-tree', '10s');
      const trade = ['trade/counter', 'trade'];
      const ledger = ['ledger/payments', 'ledger/bookings', 'ledger'];
      const storage = ['storage/database', 'storage'];
      const order = [...trade, ...ledger, ...storage].map((path) => `shop/${path}`);
      const staged = [/the van does not start/, /the bank hung up/, /connection lost/];
      return [
        ...orderly(outcome, order, staged),
        says(outcome, [/database is ready/, /migration is ready/, /^shop is running: 6 services/]),
        says(outcome, [
          /restarts in 400ms/,
          /restarts in 800ms/,
          /restarts in 1.6s/,
          /on the road/,
        ]),
        says(outcome, [/payments failed: the bank/, /bookings opens its books/]),
        says(outcome, [/counter\/order-1 is ready/, /courier delivers order 1/]),
        says(outcome, [
          /database failed: connection lost/,
          /courier is suspended/,
          /database is ready/,
          /migration is ready/,
          /courier is ready/,
        ]),
      ];
    },
  },
  {
    title: '05-schedules',
    run: async () => {
      const outcome = await daruma('05-schedules', '7s');
      return [
        ...orderly(outcome, ['office/jobs', 'office'], [/the disk was busy/]),
        says(outcome, [
          /backup complete: data-1.tar.gz; 1 kept/,
          /backup complete: data-3.*; 3 kept/,
        ]),
        says(outcome, [/backup attempt 1 of run 2 failed; tries again in/, /complete: data-2/]),
        says(outcome, [
          /slow run 1/,
          /slow skips a run: an earlier one is still under way/,
          /slow run 2/,
        ]),
        says(outcome, [/cleanup cleans up/, /cleanup cleans up/]),
        says(outcome, [
          /greeting greets a guest/,
          /opening opens its doors/,
          /the last guest has left/,
        ]),
      ];
    },
  },
  {
    title: '08-events',
    run: async () => {
      const outcome = await daruma('08-events', '5s');
      // The greeter may be down just then: it is lost for words now and then.
      const services = ['site', 'summary', 'search', 'statistics'];
      const staged = [/lost for words/, /the index is locked/];
      return [
        ...orderly(outcome, [...services.map((name) => `shop/${name}`), 'shop'], staged),
        says(outcome, [/greets ada, a guest/, /greets linus/, /greeter restarts in/]),
        says(outcome, [/failed to handle data.changed \(attempt 1\), tries again/]),
        says(outcome, [/writes change 10 of grace/, /indexes change 10 of grace/]),
        says(outcome, [/summary \d things happened/, /summary \d things happened/]),
      ];
    },
  },
  {
    title: '09-notifications',
    run: async () => {
      const outcome = await daruma('09-notifications', '5s');
      const order = ['nightly/backup', 'nightly/guard', 'nightly'];
      return [
        ...orderly(outcome, order, [/Backup failed: run \d+: no room/]),
        says(outcome, [/Backup complete: run 1$/, /Backup failed: run 3: no room/]),
        says(outcome, [/called off: true/, /Nobody has read the weekly report/]),
        says(outcome, [/guard Closing: The office closes/, /Backup complete: run 1\d/]),
      ];
    },
  },
  {
    title: '10-health',
    run: async () => {
      const outcome = await daruma('10-health', '10s');
      const staged = [/check counter: says no/, /check errors: /];
      return [
        ...orderly(outcome, ['mail/process', 'mail/clerk', 'mail/post-office', 'mail'], staged),
        says(outcome, [/post-office is unhealthy, says its check counter/]),
        says(outcome, [/clerk is degraded, says its check basket: \d+ of 20 wait/]),
        says(outcome, [/post-office is unhealthy/, /post-office is healthy/]),
      ];
    },
  },
  {
    title: '06-resilience',
    run: async () => {
      const outcome = await daruma('06-resilience', '10s');
      const staged = [/503 from the weather/, /401: the token has expired/];
      return [
        ...orderly(outcome, ['agency/guard', 'agency'], staged),
        says(outcome, [
          /advisor forecast 1: sunny/,
          /advisor tries weather again in 50ms/,
          /advisor falls back from weather: 503/,
          /agency the breaker of weather is open for 2s \(4 of 4 calls failed\)/,
          /advisor forecast \d+: unknown \(breaker open\)/,
          /agency the breaker of weather is half open/,
          /agency the breaker of weather is closed again/,
          /advisor forecast \d+: sunny \(breaker closed\)/,
        ]),
        says(outcome, [/invoices restarts in 400ms .*10 of 10/, /invoices is given up/]),
        says(outcome, [/booking booked 12 seats in 2 s/]),
      ];
    },
  },
  {
    title: '07-storage',
    run: async () => {
      const file = join(folder, 'archive.sqlite');
      const staged = [/fell over behind record/];
      // The reader may be down just then: it falls over now and then.
      const order = ['archive/rates', 'archive/feed'];
      const first = await new Run('07-storage', '3s', [], ['--storage', file]).outcome;
      const second = await new Run('07-storage', '1s', [], ['--storage', file]).outcome;
      return [
        ...orderly(first, order, staged),
        says(first, [
          /runs for the first time/,
          /begins at the beginning/,
          /has handled record 5$/,
          /goes on behind record 5$/,
          /has handled record 6$/,
        ]),
        ...orderly(second, order, staged),
        says(second, [/goes on behind record \d+/, /has handled record \d+/]),
        check('has nothing to do twice', !/first time/.test(second.output), second.output),
      ];
    },
  },
  {
    title: '04-tasks',
    run: async () => {
      const outcome = await daruma('04-tasks', '6s');
      return [
        ...orderly(outcome, ['reports/api', 'reports/worker'], []),
        says(outcome, [/visitor has ordered report-1/, /'report-1' is tried again in 300ms/]),
        says(outcome, [/'report-1' is at 40% \(2 of 5\): page 3/, /finds report-1 completed/]),
        says(outcome, [/'report-2' has completed/, /calls report-3 off: cancelled/]),
      ];
    },
  },
  {
    title: '12-jobs',
    run: async () => {
      const outcome = await daruma('12-jobs', '6s');
      const order = ['api', 'news', 'pictures', 'brushes'].map((name) => `studio/${name}`);
      return [
        ...orderly(outcome, order, []),
        says(outcome, [/visitor has ordered a rose, only once, and two more/]),
        says(outcome, [
          /pictures sets up an easel/,
          /pictures puts the easel away, after 2 strokes/,
          /is tried again in 300ms \(attempt 1 failed\): the paint has run out/,
          /news cries to atelier: rose-\d+ hangs in the gallery/,
          /visitor finds the rose completed/,
        ]),
        says(outcome, [/visitor calls the battle off: cancelling/, /of pictures was cancelled/]),
      ];
    },
  },
  {
    title: 'watchtower',
    run: async () => {
      const report = join(folder, 'demo');
      const outcome = await daruma('watchtower', '10s', '--report', report);
      const stops = ['watch/probes', 'watch', 'target', 'publish/report', 'publish', 'ledger'];
      const order = [...stops, 'workspace'].map((path) => `watchtower/${path}`);
      return [
        ...orderly(outcome, order, [/\(staged\)/, /^watchtower\/publish\/incidents opened: /]),
        says(outcome, [/^watchtower is running: \d+ services/, /target failed: out of memory/]),
        says(outcome, [/orders is degraded: HTTP 500/, /incidents opened: orders/]),
        says(outcome, [
          /target failed/,
          /probes\/orders is suspended until watchtower\/target is ready/,
          /target restarts in/,
          /target did not start: .*address already in use/,
          /target is ready/,
          /probes\/orders is ready/,
          /incidents resolved: orders/,
        ]),
        says(outcome, [
          /summary \d\/3 URLs up, load .*, memory .*, disk .*, loop p99 .* log lines/,
        ]),
        wrote(report, /^# Watchtower: all is well\n/, ({ probes, history }) => {
          return probes.length === 3 && history.length > 3;
        }),
      ];
    },
  },
  {
    title: 'watchtower -- --url URL --file FILE',
    run: async () => {
      const [report, file] = [join(folder, 'real'), join(folder, 'app.log')];
      const server = createServer((_request, response) => response.writeHead(204).end());
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
      const flags = ['--url', url, '--file', file, '--every', '300ms', '--report', report];
      const run = new Run('watchtower', '5s', flags);
      await run.says('no such file');
      appendFileSync(file, 'ERROR it fell\nINFO it rose\n');
      const outcome = await run.outcome;
      server.close();
      return [
        ...orderly(outcome, ['watchtower/watch', 'watchtower/publish', 'watchtower/ledger'], []),
        says(outcome, [/target is not needed/, /tails\/app.log is degraded: no such file/]),
        says(outcome, [/summary 1\/1 URLs up, .* 2 log lines\/min \(1 error\), no incidents$/]),
        wrote(report, /ERROR it fell/, ({ probes, logs }) => {
          return probes[0]?.isUp === true && logs[0]?.lines?.error === 1;
        }),
      ];
    },
  },
  {
    title: 'watchtower -- --every soon',
    run: async () => {
      const outcome = await daruma('watchtower', '1s', '--every', 'soon');
      return [
        check('exits with 2', outcome.exitCode === 2, `it exited with ${outcome.exitCode}`),
        says(outcome, [/--every: "soon" is not a duration, such as/]),
      ];
    },
  },
];

/** `daruma run examples/<name>/services.ts --for <time> <options> -- <flags>` */
class Run {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly outcome: Promise<Outcome>;
  #output = '';

  constructor(
    name: string,
    time: string,
    flags: readonly string[],
    options: readonly string[] = [],
  ) {
    const file = join('examples', name, 'services.ts');
    const usual = ['--for', time, '--json', '--log-level', 'debug'];
    const args = ['run', file, ...usual, ...options, '--', ...flags];
    this.#child = spawn(process.execPath, [bin, ...args], { cwd: root });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.outcome = once(this.#child, 'close').then(([exitCode]) => {
      const output = this.#output;
      return { exitCode, output, lines: output.split('\n').flatMap(lineIn) };
    });
  }

  /** Resolves when it has said this, or has ended without. */
  async says(text: string): Promise<void> {
    while (!this.#output.includes(text) && this.#child.exitCode === null) {
      await Promise.race([once(this.#child.stdout, 'data'), this.outcome]);
    }
  }
}

function daruma(name: string, time: string, ...flags: string[]): Promise<Outcome> {
  return new Run(name, time, flags).outcome;
}

function lineIn(json: string): Line[] {
  if (!json.startsWith('{')) return [];
  const { actor: path = '', msg, event, level, tookMs } = JSON.parse(json);
  return [{ text: `${path} ${msg}`.trimStart(), path, event, level, tookMs }];
}

function check(what: string, holds: boolean, fault: string): Check {
  return [what, holds ? undefined : fault];
}

/** Exit code 0, nothing failed but what was meant to, and stops in this order within two seconds. */
function orderly(outcome: Outcome, order: readonly string[], staged: readonly RegExp[]): Check[] {
  const { exitCode, lines, output } = outcome;
  const unexpected = lines.filter(
    ({ level, event, text }) =>
      (level >= 50 || (level >= 40 && event === 'ended') || event === 'stop-error') &&
      !staged.some((pattern) => pattern.test(text)),
  );
  const stopping = lines.findIndex(({ text }) => text.endsWith('the system is stopping'));
  const ended = lines.slice(stopping).filter(({ event }) => event === 'ended');
  const places = order.map((path) => ended.findIndex((line) => line.path === path));
  const isInOrder = !places.includes(-1) && places.every((at, i) => at > (places[i - 1] ?? -1));
  const tookMs = lines.find(({ event }) => event === 'down')?.tookMs ?? Number.POSITIVE_INFINITY;
  return [
    check('exits with 0', exitCode === 0, `it exited with ${exitCode}\n${output}`),
    check('fails only where it is meant to', unexpected.length === 0, textOf(unexpected)),
    check(`stops in order: ${order.join(', ')}`, isInOrder, textOf(ended)),
    check('stops at once', tookMs < 2_000, `it took ${tookMs} ms`),
  ];
}

/** These lines, one after the other, with anything in between. */
function says({ lines }: Outcome, patterns: readonly RegExp[]): Check {
  let at = 0;
  for (const pattern of patterns) {
    const found = lines.findIndex(({ text }, index) => index >= at && pattern.test(text));
    if (found === -1) return [`says ${pattern}`, `not in\n${textOf(lines.slice(at))}`];
    at = found + 1;
  }
  return [`says ${patterns.map(({ source }) => source).join(', then ')}`, undefined];
}

interface Report {
  readonly probes: readonly { readonly isUp?: boolean }[];
  readonly logs: readonly { readonly lines?: { readonly error?: number } }[];
  readonly history: readonly unknown[];
}

function wrote(dir: string, markdown: RegExp, holds: (report: Report) => boolean): Check {
  const names = readdirSync(dir);
  const text = readFileSync(join(dir, 'report.md'), 'utf8');
  const json: Report = JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8'));
  const isComplete = !names.some((name) => name.endsWith('.tmp'));
  const isGood = isComplete && markdown.test(text) && holds(json);
  return check('writes report.md and report.json', isGood, `${names.join(' ')}\n${text}`);
}

function textOf(lines: readonly Line[]): string {
  return lines.map(({ text }) => text).join('\n');
}

/** What is thrown on the way is a failure of the example, not of this script. */
async function checksOf({ run }: Example): Promise<Check[]> {
  return run().catch((error: unknown) => [['runs', String((error as Error).stack ?? error)]]);
}

function printed(checks: readonly Check[]): string {
  return checks
    .map(([what, fault]) => {
      const detail = fault === undefined ? '' : `\n${fault.replaceAll(/^/gm, '      ')}`;
      return `  ${fault === undefined ? '✔' : '✖'} ${what}${detail}`;
    })
    .join('\n');
}

// All at once: each spends most of its ten seconds asleep.
const running = examples.map((example) => ({ title: example.title, checks: checksOf(example) }));
let [passed, failed] = [0, 0];
for (const { title, checks } of running) {
  console.log(`\n${title}`);
  const results = await checks;
  console.log(printed(results));
  if (results.every(([, fault]) => fault === undefined)) passed++;
  else failed++;
}
rmSync(folder, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
