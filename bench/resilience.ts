/**
 * One measurement in a process of its own: `node bench/resilience.ts SYSTEM CASE COUNT` makes COUNT
 * calls one after the other, checks how many came through, and prints one line of JSON: microseconds
 * of processor time per call, of all threads, so that others on the machine count less. `floor` is
 * what the same calls cost without any policy.
 */
import * as cockatiel from 'cockatiel';
import { pino } from 'pino';
import { type Context, createSystem, policy, service, supervisor } from '../src/index.ts';

/** Makes one call of a function that returns or throws. */
type Caller = (work: () => Promise<number>) => Promise<unknown>;

const second = 1_000;

/** What each case asks of the three: the same in its terms. */
const cases = {
  breaker: {
    options: { breaker: { failures: 5, recovery: '1m' } },
    cockatiel: () => cockatiel.circuitBreaker(cockatiel.handleAll, breakerOptions()),
  },
  retry: {
    options: { retry: { maxAttempts: 3 } },
    cockatiel: () => cockatiel.retry(cockatiel.handleAll, retryOptions()),
  },
  whole: {
    options: {
      timeout: '2s',
      retry: { maxAttempts: 3 },
      breaker: { failures: 5, recovery: '1m' },
      bulkhead: { concurrency: 10, queue: 100 },
      fallback: () => -1,
    },
    cockatiel: () =>
      cockatiel.wrap(
        cockatiel.fallback(cockatiel.handleAll, -1),
        cockatiel.retry(cockatiel.handleAll, retryOptions()),
        cockatiel.circuitBreaker(cockatiel.handleAll, breakerOptions()),
        cockatiel.bulkhead(10, 100),
        cockatiel.timeout(2 * second, cockatiel.TimeoutStrategy.Aggressive),
      ),
  },
  open: {
    options: { breaker: { failures: 5, recovery: '1h' } },
    cockatiel: () => cockatiel.circuitBreaker(cockatiel.handleAll, breakerOptions()),
  },
} as const;

function breakerOptions() {
  return { halfOpenAfter: 60 * second, breaker: new cockatiel.ConsecutiveBreaker(5) };
}

function retryOptions() {
  return { maxAttempts: 2, backoff: new cockatiel.ExponentialBackoff() };
}

type Case = keyof typeof cases;

const systems: Record<string, (name: Case) => Promise<Caller>> = {
  floor: async () => (work) => work(),
  cockatiel: async (name) => {
    const made = cases[name].cockatiel();
    return (work) => made.execute(work);
  },
  daruma: async (name) => {
    const made = policy('bench', cases[name].options);
    const ctx = await contextOf();
    return (work) => made.run(ctx, work);
  },
};

/** The context of a service that is running. */
async function contextOf(): Promise<Context> {
  const { promise, resolve } = Promise.withResolvers<Context>();
  const caller = service('caller', async (ctx) => {
    resolve(ctx);
    await ctx.sleep('1d');
  });
  const system = createSystem(supervisor('app', [caller]), { logger: pino({ level: 'silent' }) });
  await system.start();
  stop = () => system.stop();
  return promise;
}

let stop: () => Promise<unknown> = async () => {};

async function measure(make: (name: Case) => Promise<Caller>, name: Case, count: number) {
  const call = await make(name);
  let done = 0;
  const work =
    name === 'open'
      ? async () => {
          throw new Error('no');
        }
      : async () => ++done;
  const before = process.cpuUsage();
  let refused = 0;
  for (let nth = 0; nth < count; nth++) {
    try {
      await call(work);
    } catch {
      refused++;
    }
  }
  const { user, system } = process.cpuUsage(before);
  const us = (user + system) / count;
  await stop();
  const expected = name === 'open' ? [0, count] : [count, 0];
  if (done !== expected[0] || refused !== expected[1]) {
    throw new Error(`The measurement is worthless: ${done} came through, ${refused} did not.`);
  }
  return us;
}

const [system = '', name = '', count = ''] = process.argv.slice(2);
const make = systems[system];
if (!make || !(name in cases)) {
  const known = `${Object.keys(systems).join(', ')}; ${Object.keys(cases).join(', ')}`;
  throw new Error(`Usage: node bench/resilience.ts SYSTEM CASE COUNT. Known: ${known}.`);
}
// A smaller round first, so that nothing is measured cold.
await measure(make, name as Case, 20_000);
console.log(JSON.stringify({ us: await measure(make, name as Case, Number(count)) }));
