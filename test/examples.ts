/**
 * Runs every example as a person would, and looks at what it said. `npm run examples`
 *
 * Exits with 1 when something was missing, with the whole output of what failed.
 */
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Check, check, daruma, orderly, Run, says, wrote } from './examples/example-run.ts';

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
      const first = await new Run('07-storage', '6s', [], ['--storage', file]).outcome;
      const second = await new Run('07-storage', '2s', [], ['--storage', file]).outcome;
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
    title: '14-cluster',
    run: async () => {
      const storage = ['--storage', join(folder, 'office.sqlite')];
      const one = new Run('14-cluster', '4s', [], storage);
      const other = new Run('14-cluster', '8s', [], storage);
      const [first, second] = await Promise.all([one.outcome, other.outcome]);
      const both = `${first.output}${second.output}`;
      const numbers = [...both.matchAll(/has handed out number (\d+)/g)].map(([, n]) => n);
      return [
        ...orderly(first, ['office/bell', 'office'], []),
        ...orderly(second, ['office/bell', 'office'], []),
        check('one stands by', /stands by: \S+ has the lease/.test(both), both),
        says(second, [/clerk hands out numbers, with token \d/, /has handed out number/]),
        says(second, [/bell rings at/]),
        check('no number twice', new Set(numbers).size === numbers.length, both),
      ];
    },
  },
  {
    title: '04-tasks',
    run: async () => {
      const outcome = await daruma('04-tasks', '6s');
      return [
        ...orderly(outcome, ['reports/api', 'reports/worker'], []),
        says(outcome, [/visitor has ordered report-1/]),
        says(outcome, [/'report-1' is tried again in 300ms/]),
        says(outcome, [/'report-1' is at 40% \(2 of 5\): page 3/, /finds report-1 completed/]),
        says(outcome, [/'report-2' has completed/, /calls report-3 off: cancelled/]),
      ];
    },
  },
  {
    title: '11-plugins',
    run: async () => {
      const file = join(folder, 'plugins.sqlite');
      const first = await new Run('11-plugins', '7s', [], ['--storage', file]).outcome;
      const second = await new Run('11-plugins', '3s', [], ['--storage', file]).outcome;
      return [
        ...orderly(first, ['desk/plugins', 'desk'], [/the ink is out/, /greedy/]),
        says(first, [
          /plugin greeter 1.0.0 is enabled/,
          /greeter\/service good morning, ada/,
          /greeter\/service good evening, ada/,
          /greedy: it asks for network-access, which is not granted/,
          /printer\/service failed: the ink is out/,
          /plugin printer 1.0.0 is in error: the ink is out/,
          /greeter is enabled, printer is error/,
          /plugin greeter 2.0.0 is enabled/,
          /greeter\/service good evening, dear ada: number \d+/,
        ]),
        ...orderly(second, ['desk/plugins', 'desk'], [/the ink is out/, /greedy/]),
        says(second, [/greeter\/service good evening, dear ada: number \d\d+/]),
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
    title: '13-pipeline',
    run: async () => {
      const file = join(folder, 'market.sqlite');
      const first = await new Run('13-pipeline', '7s', [], ['--storage', file]).outcome;
      const second = await new Run('13-pipeline', '4s', [], ['--storage', file]).outcome;
      const parts = ['producers/shops', 'handlers/sale', 'consumers/books', 'router'];
      const order = parts.map((part) => `market/till/${part}`);
      const staged = [/out of paper/, /does not know what a riddle is/];
      return [
        ...orderly(first, order, staged),
        says(first, [
          /handlers\/unknown does not know what a riddle is/,
          /shops are answered 400 .*not JSON/,
          /shops are answered 400 .*payload.cents/,
          /shops have sold 30 things at once; [1-9]\d* times they had to come back/,
          /books the books: north 17 for 25.00, south 15 for 15.00/,
          /router closes; what was taken in is booked/,
        ]),
        says(first, [/printer failed on item .*out of paper/, /printer restarts in 200ms/]),
        ...orderly(second, order, staged),
        says(second, [/books the books: north 34 for 50.00, south 30 for 30.00/]),
      ];
    },
  },
  {
    title: 'watchtower',
    run: async () => {
      const report = join(folder, 'demo');
      const options = ['--alerts', '--http', '0', '--storage', join(folder, 'demo.sqlite')];
      const first = await new Run('watchtower', '15s', ['--report', report], options).outcome;
      const second = await new Run('watchtower', '3s', ['--report', report], options).outcome;
      const order = ['probes', 'reactions/samples', 'store'].map((name) => `watchtower/${name}`);
      const staged = [
        /\(staged\)/,
        /cannot look: HTTP 401/,
        / is down: /,
        /page-watch\/service .*is degraded: ECONNREFUSED/,
      ];
      return [
        ...orderly(first, order, staged),
        says(first, [/^watchtower serves http/, /^watchtower is running: \d+ services/]),
        says(first, [/'backfill' is at \d+%/, /filled in 208 checks/]),
        says(first, [
          /probes\/admin\/probe failed: .*HTTP 401/,
          /probes\/admin\/probe is given up/,
          /probes\/admin\/probe was given up/,
        ]),
        says(first, [
          /tries orders again/,
          /alerts orders is down: HTTP 500, 3 in a row/,
          /site failed: out of memory/,
          /probes\/orders\/probe is suspended until watchtower\/outside\/site is ready/,
          /site did not start: .*address already in use/,
          /site is ready/,
          /alerts orders is up again/,
        ]),
        says(first, [/the breaker of orders is open/, /breaker of orders is closed again/]),
        says(first, [/board 4 targets, 1 open incident/, /board 4 targets, /]),
        says(first, [/Summary: \d of 4 targets up, .* checks were good, \d incident/]),
        wrote(report, /\| home \| HTTP 200 \| \d+% \|/),
        ...orderly(second, order, staged),
        says(second, [/pulse on watch again, after \d/]),
        check('fills in once', !/filled in/.test(second.output), second.output),
      ];
    },
  },
  {
    title: 'watchtower -- --url URL --import FILE',
    run: async () => {
      const [report, file] = [join(folder, 'real'), join(folder, 'past.jsonl')];
      const past = {
        target: 'shop',
        at: Date.now() - 60_000,
        ok: true,
        ms: 5,
        outcome: 'HTTP 200',
      };
      appendFileSync(file, `${JSON.stringify(past)}\n`);
      const posts: string[] = [];
      const server = createServer((request, response) => {
        if (request.method === 'POST') posts.push(request.url ?? '');
        response.writeHead(request.url === '/health' && posts.length > 0 ? 500 : 204).end();
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const flags = ['--url', `${url}/health`, '--beat', `${url}/beat`, '--import', file];
      const more = ['--every', '300ms', '--report', report];
      const options = ['--storage', join(folder, 'real.sqlite'), '--webhook', `${url}/hook`];
      const outcome = await new Run('watchtower', '5s', [...flags, ...more], options).outcome;
      server.close();
      return [
        ...orderly(outcome, ['watchtower/probes', 'watchtower/store'], [/health is down/]),
        says(outcome, [/site is not needed/, /filled in 1 checks/]),
        says(outcome, [/alerts 127.0.0.1:\d+-health is down: HTTP 500, 3 in a row/]),
        check('beats', posts.includes('/beat'), posts.join()),
        check('tells the webhook', posts.includes('/hook'), posts.join()),
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
