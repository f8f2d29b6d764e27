import * as cockatiel from 'cockatiel';
import { pino } from 'pino';
import {
  type Context,
  createSystem,
  type PolicyOptions,
  policy,
  service,
  supervisor,
} from '../../src/index.ts';
import { type Bench, choose, expect, processorMs } from '../bench.ts';

/** Makes one call of a function that returns or throws. */
type Caller = (work: () => Promise<number>) => Promise<unknown>;

/** The same in terms of both. */
interface Case {
  readonly options: PolicyOptions<number>;
  readonly cockatiel: () => { execute(work: () => Promise<number>): Promise<unknown> };
  /** Every call fails, so that the breaker opens and refuses the others. */
  readonly fails?: boolean;
}

const second = 1_000;

const cases: Record<string, Case> = {
  breaker: {
    options: { breaker: { failures: 5, recovery: '1m' } },
    cockatiel: () => cockatiel.circuitBreaker(cockatiel.handleAll, breakerOptions()),
  },
  retry: {
    options: { retry: { maxAttempts: 3 } },
    cockatiel: () => cockatiel.retry(cockatiel.handleAll, retryOptions()),
  },
  'all of it': {
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
  'open breaker': {
    options: { breaker: { failures: 5, recovery: '1h' } },
    cockatiel: () => cockatiel.circuitBreaker(cockatiel.handleAll, breakerOptions()),
    fails: true,
  },
};

const callers: Record<string, (which: Case, ctx: Context) => Caller> = {
  floor: () => (work) => work(),
  cockatiel: (which) => {
    const made = which.cockatiel();
    return (work) => made.execute(work);
  },
  daruma: (which, ctx) => {
    const made = policy('bench', which.options);
    return (work) => made.run(ctx, work);
  },
};

const bench: Bench = {
  name: 'resilience',
  compares:
    'a call under a policy, one after the other, beside cockatiel and the bare call (floor); microseconds of processor time for each call.',
  contenders: Object.keys(callers),
  base: 'cockatiel',
  cases: Object.keys(cases),
  figures: ['µs'],

  async run({ contender, case: name, isQuick }) {
    const [makeCaller, which] = [choose(callers, contender), choose(cases, name)];
    const { promise: ctx, resolve } = Promise.withResolvers<Context>();
    const caller = service('caller', async (own) => {
      resolve(own);
      await own.sleep('1d');
    });
    const logger = pino({ level: 'silent' });
    await using _system = await createSystem(supervisor('app', [caller]), { logger }).start();
    const call = makeCaller(which, await ctx);
    // A smaller round first, so that nothing is measured cold.
    await measure(call, which, isQuick ? 100 : 20_000);
    return { µs: await measure(call, which, isQuick ? 1_000 : 200_000) };
  },
};

export default bench;

async function measure(call: Caller, { fails = false }: Case, count: number): Promise<number> {
  let done = 0;
  let refused = 0;
  const work = async () => {
    if (fails) throw new Error('no');
    return ++done;
  };
  const ms = await processorMs(async () => {
    for (let nth = 0; nth < count; nth++) {
      try {
        await call(work);
      } catch {
        refused++;
      }
    }
  });
  expect(done === (fails ? 0 : count), 'every call came through');
  expect(refused === (fails ? count : 0), 'every call of an open breaker was refused');
  return (ms * 1_000) / count;
}

function breakerOptions() {
  return { halfOpenAfter: 60 * second, breaker: new cockatiel.ConsecutiveBreaker(5) };
}

function retryOptions() {
  return { maxAttempts: 2, backoff: new cockatiel.ExponentialBackoff() };
}
