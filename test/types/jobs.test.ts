import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type AnyJob,
  type BatchJob,
  type Context,
  currentJob,
  type Enqueued,
  type Job,
  type JobOutcome,
  type JobView,
  type JobWorker,
  type Queue,
  type QueueCounts,
  queue,
  type ReadyOf,
  type System,
  service,
  supervisor,
  type Transaction,
  worker,
} from '../../src/index.ts';

/** Compiled, never called. */
const types = (check: () => void) => check;
declare const system: System;
declare const ctx: Context;
declare const tx: Transaction;

interface Letter {
  readonly to: string;
}

const letters = queue<Letter, number>('letters', { maxAttempts: 3, keep: { dead: '30d' } });
const checked = queue('checked', {
  payload: v.object({ to: v.string(), copies: v.optional(v.number(), 1) }),
});
const plain = queue('plain', { perKey: 'fifo', rateLimit: { max: 5, per: '1s' } });
const texts = queue<string>('texts');

describe('a queue', () => {
  it('knows what it takes, what handlers get, and its name where it can', () => {
    types(() => {
      expectTypeOf(letters).toEqualTypeOf<Queue<Letter, Letter, number>>();
      expectTypeOf(texts).toEqualTypeOf<Queue<string, string, unknown>>();
      expectTypeOf(plain).toEqualTypeOf<Queue<unknown, unknown, unknown, 'plain'>>();
      expectTypeOf(checked).toEqualTypeOf<
        Queue<
          { to: string; copies?: number | undefined },
          { to: string; copies: number },
          unknown,
          'checked'
        >
      >();
    });
  });

  it('knows its options', () => {
    types(() => {
      // @ts-expect-error attempts are counted, not retries
      queue('a', { maxRetries: 3 });
      // @ts-expect-error not a duration
      queue('b', { lease: 'long' });
      // @ts-expect-error not a name
      queue('a/b');
      // @ts-expect-error a rate needs its time
      queue('c', { rateLimit: { max: 3 } });
      // @ts-expect-error the delays of a job always begin anew
      queue('d', { backoff: { resetAfter: '1m' } });
    });
  });
});

describe('enqueue', () => {
  it('takes the payload of its queue, in contexts, outside, and in transactions', () => {
    types(() => {
      for (const jobs of [ctx.jobs, system.jobs, tx]) {
        expectTypeOf(jobs.enqueue(letters, { to: 'x' }, { delay: '5s' })).toEqualTypeOf<
          Promise<Enqueued>
        >();
        void jobs.enqueue(checked, { to: 'x' });
        void jobs.enqueue(plain);
        void jobs.enqueue(plain, { any: 'thing' });
        // @ts-expect-error the payload is missing
        void jobs.enqueue(letters);
        // @ts-expect-error another payload
        void jobs.enqueue(letters, { from: 'x' });
        // @ts-expect-error another payload
        void jobs.enqueue(checked, { to: 5 });
        // @ts-expect-error there is no such option
        void jobs.enqueue(letters, { to: 'x' }, { priorty: 1 });
        // @ts-expect-error a queue, not its name
        void jobs.enqueue('letters', { to: 'x' });
      }
      void ctx.jobs.enqueueMany(letters, [{ payload: { to: 'x' }, key: 'k' }], { priority: 1 });
      // @ts-expect-error another payload
      void ctx.jobs.enqueueMany(letters, [{ payload: 'x' }]);
    });
  });
});

describe('what is known of jobs', () => {
  it('has the payload and the result of the queue', () => {
    types(async () => {
      expectTypeOf(await ctx.jobs.get(letters, 'a')).toEqualTypeOf<
        JobView<Letter, number> | undefined
      >();
      expectTypeOf(await ctx.jobs.list(letters, 'dead')).toEqualTypeOf<JobView<Letter, number>[]>();
      const outcome = await ctx.jobs.wait(letters, 'a', { within: '5s' });
      expectTypeOf(outcome).toEqualTypeOf<JobOutcome<number>>();
      if (outcome.state === 'completed') {
        expectTypeOf(outcome.result).toEqualTypeOf<number | undefined>();
      }
      expectTypeOf(await ctx.jobs.counts()).toEqualTypeOf<QueueCounts[]>();
      expectTypeOf(await ctx.jobs.counts('letters')).toEqualTypeOf<QueueCounts>();
      // @ts-expect-error no such state
      void ctx.jobs.list(letters, 'failed');
    });
  });
});

describe('a worker', () => {
  const smtp = service('smtp', { start: () => ({ send: (to: string) => to.length }) });

  it('gives its handler the payload, what it needs, its configuration and what is per job', () => {
    types(() => {
      worker(letters, (job) => {
        expectTypeOf(job.payload).toEqualTypeOf<Letter>();
        return 1;
      });
      const config = v.object({ from: v.string() });
      const options = { concurrency: 3, needs: { smtp }, config } as const;
      worker(
        checked,
        {
          ...options,
          perJob: {
            cart: (job, needs) => {
              expectTypeOf(job.payload.copies).toEqualTypeOf<number>();
              expectTypeOf(job.needs.smtp.send('x')).toEqualTypeOf<number>();
              expectTypeOf(job.needs.other).toEqualTypeOf<unknown>();
              expectTypeOf(needs.smtp.send('x')).toEqualTypeOf<number>();
              return { id: job.id };
            },
            later: async () => 5,
            smtp: () => 'another one',
          },
        },
        (job) => {
          expectTypeOf(job.payload).toEqualTypeOf<{ to: string; copies: number }>();
          expectTypeOf(job.config).toEqualTypeOf<{ from: string }>();
          expectTypeOf(job.needs.cart).toEqualTypeOf<{ id: string }>();
          expectTypeOf(job.needs.later).toEqualTypeOf<Promise<number>>();
          expectTypeOf(job.needs.smtp).toEqualTypeOf<string>();
          expectTypeOf(job.transaction(async () => 'x')).toEqualTypeOf<Promise<string>>();
          // @ts-expect-error it belongs to the worker
          job.health('degraded');
          // @ts-expect-error only in a batch
          job.fail(new Error());
        },
      );
      worker(letters, { needs: { smtp } }, ({ needs, payload }) => needs.smtp.send(payload.to));
    });
  });

  it('is the only one that knows what is per job', () => {
    types(() => {
      const cart = (job: { id: string }) => ({ of: job.id });
      // @ts-expect-error a service outlives every job
      service('web', { needs: { cart } }, () => {});
      // @ts-expect-error so does a worker
      worker(letters, { needs: { cart } }, () => 1);
      // @ts-expect-error a service has no jobs
      service('web', { perJob: { cart } }, () => {});
      // @ts-expect-error what the worker needs is without it
      worker(letters, { perJob: { cart, of: (_job, needs) => needs.cart } }, () => 1);
    });
  });

  it('returns the result of its queue', () => {
    types(() => {
      worker(letters, async () => 5);
      // @ts-expect-error not a number
      worker(letters, () => 'x');
      // @ts-expect-error not a number
      worker(letters, { concurrency: 3 }, async () => 'x');
    });
  });

  it('with batches is given several at once', () => {
    types(() => {
      worker(letters, { batch: { size: 5 } }, (jobs) => {
        expectTypeOf(jobs).branded.toEqualTypeOf<
          readonly BatchJob<Letter, Record<never, never>, unknown, Record<never, never>>[]
        >();
        jobs[0]?.fail(new Error('only this'));
      });
      // @ts-expect-error one job is not a batch
      worker(letters, { batch: { size: 5 } }, (job: Job<Letter>) => job.id);
    });
  });

  it('is a service under the name of its queue, or its own', () => {
    types(() => {
      const own = worker(plain, () => {});
      expectTypeOf<ReadyOf<typeof own>>().toEqualTypeOf<JobWorker>();
      const app = supervisor('app', [own, worker(letters, { name: 'mailer' }, () => 1)]);
      const tree = null as unknown as System<typeof app>;
      tree.ref('app/plain');
      tree.ref('app/mailer');
      // @ts-expect-error there is none
      tree.ref('app/other');
      // @ts-expect-error not a name
      worker(letters, { name: 'a b' }, () => 1);
      // @ts-expect-error it is its own body
      worker(letters, { run: () => {} }, () => 1);
    });
  });

  it('has a current job of which nobody knows more', () => {
    types(() => expectTypeOf(currentJob()).toEqualTypeOf<AnyJob>());
  });
});
