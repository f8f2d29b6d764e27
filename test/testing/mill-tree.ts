import {
  type AnySupervisor,
  every,
  type Job,
  NotRetryable,
  queue,
  service,
  supervisor,
  worker,
} from '../../src/index.ts';
import type { WorkloadScript } from '../../src/testing/index.ts';

interface Load {
  readonly nth: number;
  readonly farmer: string;
}

const keep = { completed: '5s', cancelled: '5s' } as const;
const lease = '2s';

/** Tried several times; two workers; never more than two of a farmer at once. */
const grain = queue<Load>('grain', {
  maxAttempts: 3,
  backoff: { first: '300ms', max: '2s' },
  timeout: '3s',
  cancelWithin: '500ms',
  perKey: 2,
  lease,
  keep,
});

/** Those of a farmer one by one, in order; each leads to a delivery, in one transaction. */
const sacks = queue<Load>('sacks', {
  maxAttempts: 4,
  backoff: { first: '200ms', max: '1s' },
  perKey: 'fifo',
  lease,
  keep,
});

/** Rather not at all than twice; two in a second at most. */
const deliveries = queue<Load>('deliveries', {
  maxAttempts: 1,
  timeout: '4s',
  rateLimit: { max: 2, per: '1s' },
  lease,
  keep,
});

/** Written several at a time. */
const labels = queue<Load>('labels', {
  maxAttempts: 2,
  backoff: { first: '500ms' },
  lease,
  keep: { completed: 0, dead: '8s', cancelled: 0 },
});

const farmerOf = (nth: number) => `farmer ${nth % 3}`;

/** A mill that works by durable jobs alone, through all that queues can do. */
export function mill(): AnySupervisor {
  const grind = async (job: Job<Load>) => {
    job.progress({ done: 0, total: 2 });
    await job.sleep(200 + (job.payload.nth % 5) * 150);
    if (job.payload.nth % 7 === 3 && job.attempt < 3) throw new Error('a stone in the grain');
    if (job.payload.nth % 19 === 5) throw new NotRetryable('not grain at all');
    job.progress({ done: 1, total: 2 });
    await job.sleep(100);
    return job.payload.nth;
  };
  const stones = worker(grain, { name: 'stones', concurrency: 2, stopWithin: '2s' }, grind);
  const querns = worker(grain, { name: 'querns', concurrency: 1, stopWithin: '1s' }, grind);

  const packers = worker(
    sacks,
    { name: 'packers', concurrency: 3, stopWithin: '2s', perJob: { scale: () => ({ grams: 0 }) } },
    async (job) => {
      const { nth, farmer } = job.payload;
      // Some take so long that the next of their farmer are there before they are done.
      await job.sleep(nth % 2 === 0 ? 900 : 150);
      if (nth % 5 === 2 && job.attempt < 2) throw new Error('the sack has a hole');
      await job.transaction(async (tx) => {
        const packed = ((await tx.get<number>('packed')) ?? 0) + 1;
        await tx.set('packed', packed);
        await tx.enqueue(deliveries, { nth, farmer });
      });
      await job.sleep(nth % 4 === 0 ? 100 : 0);
    },
  );

  const carts = worker(
    deliveries,
    { name: 'carts', concurrency: 2, stopWithin: '1s' },
    async (job) => {
      await job.sleep(400);
      if (job.payload.nth % 6 === 1) throw new Error('the road is closed');
    },
  );

  const scribes = worker(
    labels,
    { name: 'scribes', batch: { size: 3, wait: '200ms' }, concurrency: 2, stopWithin: '2s' },
    async (jobs) => {
      const [first] = jobs;
      await first?.sleep(300);
      for (const job of jobs) if (job.payload.nth % 9 === 4) job.fail(new Error('out of ink'));
    },
  );

  /** Grain comes in, and its label with it, or neither. */
  const gate = service('gate', { stopWithin: '2s' }, async (ctx) => {
    for (;;) {
      const nth = await ctx.storage.transaction(async (tx) => {
        const arrived = ((await tx.get<number>('arrived')) ?? 0) + 1;
        await tx.set('arrived', arrived);
        const load = { nth: arrived, farmer: farmerOf(arrived) };
        await tx.enqueue(grain, load, { key: load.farmer, priority: arrived % 2 });
        await tx.enqueue(labels, load, { idempotencyKey: `label ${arrived % 20}` });
        return arrived;
      });
      const load = { nth, farmer: farmerOf(nth) };
      await ctx.jobs.enqueueMany(sacks, [{ payload: load }, { payload: load, delay: '1s' }], {
        key: load.farmer,
      });
      await ctx.sleep('800ms');
    }
  });

  /** Looks after what went wrong: some is tried again, some forgotten, some called off. */
  const foreman = every('foreman', '2s', { timeout: '1500ms' }, async (ctx) => {
    await ctx.jobs.redrive(sacks);
    await ctx.jobs.redrive(grain, { limit: 2 });
    const dead = await ctx.jobs.list(deliveries, 'dead', { limit: 5 });
    await ctx.jobs.discard(
      deliveries,
      dead.map(({ id }) => id),
    );
    const [waiting] = await ctx.jobs.list(grain, 'ready', { limit: 1 });
    if (waiting) await ctx.jobs.cancel(grain, waiting.id);
    const [running] = await ctx.jobs.list(sacks, 'active', { limit: 1 });
    if (running && ctx.run % 2 === 0) await ctx.jobs.cancel(sacks, running.id);
  });

  return supervisor('mill', { start: 'parallel' }, [
    supervisor('floor', { strategy: 'one-for-one' }, [stones, querns, packers]),
    carts,
    scribes,
    gate,
    foreman,
  ]);
}

/** The market: queues are closed and opened, and orders come from outside. */
export const market: WorkloadScript = (work) => {
  work.every('2s', (round) => {
    const { jobs } = work.system;
    return round % 2 === 0 ? jobs.pause(sacks) : jobs.resume(sacks);
  });
  work.every('3s', async (round) => {
    const load = { nth: round + 1_000, farmer: farmerOf(round) };
    await work.system.jobs.enqueue(grain, load, { key: load.farmer, delay: '500ms' });
    await work.system.jobs.counts();
  });
};
