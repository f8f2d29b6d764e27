/**
 * One measurement in a process of its own: `node bench/tasks.ts SYSTEM CONCURRENCY COUNT` runs COUNT
 * tasks that each give up their turn once, checks all results, and prints one line of JSON.
 * Concurrency 0: no limit.
 */
import fastq from 'fastq';
import PQueue from 'p-queue';
import { pino } from 'pino';
import { createSystem, supervisor, tasks } from '../src/index.ts';

interface Pool {
  /** Runs `count` tasks; resolves with their results. */
  run(count: number, task: (nth: number) => Promise<number>): Promise<number[]>;
  close?(): Promise<unknown>;
}

const pools: Record<string, (concurrency: number) => Promise<Pool> | Pool> = {
  floor,
  fastq: viaFastq,
  'p-queue': viaPQueue,
  daruma,
};

/** What tasks cost without a pool: a promise each, begun by so many loops. */
function floor(concurrency: number): Pool {
  return {
    async run(count, task) {
      if (concurrency === Number.POSITIVE_INFINITY) {
        return await Promise.all(Array.from({ length: count }, (_, nth) => task(nth)));
      }
      const results: number[] = [];
      let next = 0;
      const loop = async () => {
        for (let nth = next++; nth < count; nth = next++) results[nth] = await task(nth);
      };
      await Promise.all(Array.from({ length: concurrency }, loop));
      return results;
    },
  };
}

function viaFastq(concurrency: number): Pool {
  return {
    run(count, task) {
      // It counts in 32 bits: no limit is a large one.
      const queue = fastq.promise(task, Math.min(concurrency, 2 ** 30));
      return Promise.all(Array.from({ length: count }, (_, nth) => queue.push(nth)));
    },
  };
}

function viaPQueue(concurrency: number): Pool {
  const queue = new PQueue({ concurrency });
  return {
    run(count, task) {
      return Promise.all(Array.from({ length: count }, (_, nth) => queue.add(() => task(nth))));
    },
  };
}

async function daruma(concurrency: number): Promise<Pool> {
  const worker = tasks('worker', {
    concurrency: Number.isFinite(concurrency) ? concurrency : 'infinity',
    maxPending: 'infinity',
  });
  const logger = pino({ level: 'silent' });
  const system = createSystem(supervisor('app', [worker]), { logger });
  await system.start();
  let round = 0;
  return {
    run(count, task) {
      const now = system.value(worker);
      if (!now) throw new Error('There is no worker.');
      const prefix = `${round++}-`;
      return Promise.all(
        Array.from({ length: count }, (_, nth) => now.submit(prefix + nth, () => task(nth)).result),
      );
    },
    close: () => system.stop(),
  };
}

async function measure(pool: Pool, count: number): Promise<number> {
  const begun = performance.now();
  const results = await pool.run(count, async (nth) => {
    await undefined;
    return nth;
  });
  const ms = performance.now() - begun;
  const isRight = results.length === count && results.every((result, nth) => result === nth);
  if (!isRight) throw new Error('The measurement is worthless: a result is missing.');
  return (count / ms) * 1_000;
}

const [name = '', limit = '', count = ''] = process.argv.slice(2);
const make = pools[name];
if (!make) throw new Error(`Unknown system '${name}': ${Object.keys(pools).join(', ')}.`);
const pool = await make(Number(limit) || Number.POSITIVE_INFINITY);
// Small rounds first, so that nothing is measured cold.
for (let round = 0; round < 5; round++) await measure(pool, 2_000);
globalThis.gc?.();
console.log(JSON.stringify({ perSecond: await measure(pool, Number(count)) }));
await pool.close?.();
