import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyJob, type LifecycleEvent, queue, worker } from '../../src/index.ts';
import { Office, SharedEngine } from './office.ts';

/** What a handler does in one attempt. */
interface Deed {
  readonly ms: number;
  readonly end: 'return' | 'throw' | 'hang';
  /** Whether it looks at its signal. */
  readonly isObedient: boolean;
}

interface Plan {
  readonly jobs: readonly {
    readonly key: string | undefined;
    readonly atMs: number;
    readonly deeds: readonly Deed[];
  }[];
  readonly troubles: readonly {
    readonly atMs: number;
    readonly what: 'cancel' | 'restart' | 'outage' | 'pause';
    readonly which: number;
    readonly ms: number;
  }[];
  readonly concurrency: number;
  readonly perKey: 'fifo' | 1 | 2 | 'infinity';
}

const deed: fc.Arbitrary<Deed> = fc.record({
  ms: fc.constantFrom(0, 10, 400, 3_000, 12_000),
  end: fc.constantFrom('return', 'return', 'throw', 'hang'),
  isObedient: fc.boolean(),
});

const plan: fc.Arbitrary<Plan> = fc.record({
  jobs: fc.array(
    fc.record({
      key: fc.constantFrom(undefined, 'a', 'b'),
      atMs: fc.constantFrom(0, 0, 500, 9_000),
      deeds: fc.array(deed, { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  troubles: fc.array(
    fc.record({
      atMs: fc.integer({ min: 0, max: 20_000 }),
      what: fc.constantFrom('cancel', 'restart', 'outage', 'pause'),
      which: fc.nat(7),
      ms: fc.constantFrom(100, 4_000, 25_000),
    }),
    { maxLength: 4 },
  ),
  concurrency: fc.integer({ min: 1, max: 3 }),
  perKey: fc.constantFrom('fifo' as const, 1 as const, 2 as const, 'infinity' as const),
});

type JobEvent = Extract<LifecycleEvent, { type: 'job' }> & { readonly office: number };

const maxAttempts = 3;
const ends: readonly string[] = ['completed', 'dead', 'cancelled'];
const attemptEnds: readonly string[] = [...ends, 'retrying', 'released'];

/** Carries a plan out with two processes on one storage. */
async function carryOut({ jobs, troubles, concurrency, perKey }: Plan) {
  const items = queue<number>('items', {
    maxAttempts,
    perKey,
    timeout: '10s',
    cancelWithin: '2s',
    lease: '15s',
    backoff: { first: '1s', max: '5s' },
  });
  const engine = new SharedEngine();
  const scopes: { made: number; disposed: number }[] = [];
  /** Handlers that run and were not given up, by office. */
  const running = [0, 0];
  let most = 0;
  const offices: Office[] = [];
  const events: JobEvent[] = [];
  for (const nth of [0, 1]) {
    const handler = async (job: AnyJob) => {
      const { scope } = job.needs as { scope: { made: number } };
      expect(scope.made).toBe(1);
      const doing = jobs[job.payload]?.deeds[job.attempt - 1] ?? { ms: 0, end: 'return' };
      const { ms, end, isObedient } = doing as Deed;
      const clock = (offices[0] as Office).clock;
      if (isObedient) await job.sleep(ms);
      else await new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
      if (end === 'throw') throw new Error('no');
      if (end === 'hang') await (isObedient ? job.sleep('1d') : new Promise(() => {}));
      return job.attempt;
    };
    const perJob = {
      scope: () => {
        const scope = { made: 1, disposed: 0, [Symbol.dispose]: () => void scope.disposed++ };
        scopes.push(scope);
        return scope;
      },
    };
    const first = offices[0];
    const office = new Office(
      [worker(items, { concurrency, perJob, stopWithin: '3s' }, handler)],
      { seed: nth + 1, ...(first && { clock: first.clock }) },
      engine,
    );
    office.system.events$.subscribe((event) => {
      if (event.type !== 'job') return;
      events.push({ ...event, office: nth });
      const own = event.path === 'app/items' && event.reason !== 'lost';
      if (event.status === 'started') running[nth] = (running[nth] ?? 0) + 1;
      else if (own && [...attemptEnds, 'lost'].includes(event.status)) {
        running[nth] = (running[nth] ?? 0) - 1;
      }
      most = Math.max(most, running[nth] ?? 0);
    });
    offices.push(office);
    await office.start();
  }
  const [one, other] = offices as [Office, Office];
  const { clock } = one;
  const ids: string[] = [];
  const steps: { atMs: number; step: () => unknown }[] = [
    ...jobs.map(({ atMs, key }, payload) => ({
      atMs,
      step: async () => {
        const options = key === undefined ? {} : { key };
        ids[payload] = (await one.jobs.enqueue(items, payload, options)).id;
      },
    })),
    ...troubles.flatMap(({ atMs, what, which, ms }) => {
      const office = which % 2 === 0 ? one : other;
      const [begin, end] = {
        cancel: [() => office.jobs.cancel(items, ids[which] ?? 'nobody')],
        restart: [() => void office.system.ref('app/items').restart()],
        pause: [() => office.jobs.pause(items), () => office.jobs.resume(items)],
        outage: [() => engine.goDown(), () => engine.comeBack()],
      }[what] as (() => unknown)[];
      return [
        { atMs, step: begin as () => unknown },
        ...(end ? [{ atMs: atMs + ms, step: end }] : []),
      ];
    }),
  ].sort((a, b) => a.atMs - b.atMs);
  const origin = clock.monotonic();
  for (const { atMs, step } of steps) {
    await clock.advance(Math.max(0, origin + atMs - clock.monotonic()));
    await Promise.resolve(step()).catch(() => {});
  }
  engine.comeBack();
  await one.jobs.resume(items);
  await clock.advance(600_000);
  await one.stop();
  await other.stop();
  return { ids, events, scopes, most, one, items };
}

describe('jobs under trouble', () => {
  it('keep what they promise', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (given) => {
        const { ids, events, scopes, most } = await carryOut(given);

        // At most `concurrency` run in a worker.
        expect(most).toBeLessThanOrEqual(given.concurrency);
        for (const id of ids.filter((each) => each !== undefined)) {
          const own = events.filter((event) => event.id === id);
          const story = own.map(({ status, attempt }) => `${status} ${attempt}`).join(', ');
          // One end, and nothing after it but what those say who came too late.
          const last = own.filter(({ status }) => ends.includes(status));
          expect(last, story).toHaveLength(1);
          // No more attempts than it may have; one ends in one way.
          const started = own.filter(({ status }) => status === 'started');
          expect(Math.max(0, ...started.map(({ attempt }) => attempt)), story).toBeLessThanOrEqual(
            maxAttempts,
          );
          const over = own.filter(
            ({ status, attempt }) => attemptEnds.includes(status) && attempt > 0,
          );
          expect(over.length, story).toBeGreaterThanOrEqual(started.length);
          expect(over.length, story).toBeLessThanOrEqual(started.length + 1);
        }
        // What was made for a job is disposed of once.
        expect(scopes.every(({ disposed }) => disposed === 1)).toBe(true);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('keep the order of a key, one at a time', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (given) => {
        const { ids, events } = await carryOut({ ...given, perKey: 'fifo' });

        for (const key of ['a', 'b']) {
          const keyed = given.jobs.flatMap((job, nth) => (job.key === key ? [nth] : []));
          // In the order in which they were added.
          const order = events
            .filter(({ status }) => status === 'added')
            .map(({ id }) => id)
            .filter((id) => keyed.some((nth) => ids[nth] === id));
          const starts = events.filter(
            ({ status, id }) => status === 'started' && order.includes(id),
          );
          const firsts = [...new Set(starts.map(({ id }) => id))];
          expect(firsts).toEqual(order.filter((id) => firsts.includes(id)));
          // None begins again once a later one has begun.
          const turns = starts.map(({ id }) => order.indexOf(id));
          expect(turns).toEqual([...turns].sort((a, b) => a - b));
        }
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
