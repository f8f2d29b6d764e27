import fastq from 'fastq';
import PQueue from 'p-queue';
import { pino } from 'pino';
import { createSystem, supervisor, tasks } from '../../src/index.ts';
import { type Bench, choose, expect, processorMs } from '../bench.ts';

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

const cases: Record<string, number> = { 'no limit': Number.POSITIVE_INFINITY, '10 at a time': 10 };

const bench: Bench = {
  name: 'tasks',
  compares:
    'tasks in a second of processor time that give up their turn once, beside a promise each (floor) and the queues that people know; a worker also knows their ids, states and results.',
  contenders: Object.keys(pools),
  base: 'floor',
  cases: Object.keys(cases),
  figures: ['tasks/s'],

  async run({ contender, case: name, isQuick }) {
    const pool = await choose(pools, contender)(choose(cases, name));
    // Small rounds first, so that nothing is measured cold.
    for (let round = 0; round < 5; round++) await measure(pool, isQuick ? 100 : 2_000);
    globalThis.gc?.();
    const perSecond = await measure(pool, isQuick ? 1_000 : 50_000);
    await pool.close?.();
    return { 'tasks/s': perSecond };
  },
};

export default bench;

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
  let results: number[] = [];
  const ms = await processorMs(async () => {
    results = await pool.run(count, async (nth) => {
      await undefined;
      return nth;
    });
  });
  const isRight = results.length === count && results.every((result, nth) => result === nth);
  expect(isRight, 'every result is right');
  return (count / ms) * 1_000;
}
