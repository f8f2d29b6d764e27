import { describe, expect, it } from 'vitest';
import { fromEvery, fromQueue, pipeline, queue, service, supervisor } from '../../src/index.ts';
import {
  checkTrace,
  checkTree,
  emptyPlan,
  type Fault,
  runPlan,
  supervisionInvariants,
} from '../../src/testing/index.ts';

/** A pipeline with a handler that may take three seconds, and a consumer in the order of the items. */
function lineTree(seen: string[]) {
  return supervisor('app', [
    pipeline('p', { maxInFlight: 2, whenProducersEnd: 'stay' })
      .producer('rows', async function* (ctx): AsyncGenerator<number> {
        for (let n = 1; n <= 4; n++) {
          await ctx.sleep('1s');
          yield n;
        }
      })
      .always('handle', { timeout: '3s', stopWithin: '1s' }, (n) => n)
      .consumer('store', { backoff: { first: '1s', jitter: 'none' } }, (n, ctx) => {
        seen.push(`${n} of ${ctx.item.producer}`);
      }),
  ]);
}

async function runWith(kind: string, target: string, params: Fault['params'] = {}) {
  const seen: string[] = [];
  const fault: Fault = { kind, trigger: { at: 500 }, target: `app/p/${target}`, params };
  const plan = { ...emptyPlan, horizonMs: 30_000, faults: [fault] };
  const { trace, simulation } = await runPlan(() => lineTree(seen), plan);
  const told = [...trace].flatMap((event) =>
    event.type === 'item' ? [`${event.path} ${event.status} ${event.retryMs}`] : [],
  );
  expect(checkTrace(simulation.tree, trace, supervisionInvariants)).toEqual([]);
  return { seen, told };
}

describe('faults of pipelines', () => {
  it('itemThrows: a handler loses the items that it fails of', async () => {
    const { seen, told } = await runWith('itemThrows', 'handlers/handle', { count: 2 });

    expect(seen).toEqual(['3 of rows', '4 of rows']);
    expect(told).toEqual(Array(2).fill('app/p/handlers/handle failed null'));
  });

  it('itemThrows: a consumer that is restarted loses nothing', async () => {
    // Its next life is a whole one.
    const { seen, told } = await runWith('itemThrows', 'consumers/store', { count: 2 });

    expect(seen).toEqual(['1 of rows', '2 of rows', '3 of rows', '4 of rows']);
    expect(told).toEqual(['app/p/consumers/store failed 0']);
  });

  it('itemHangs: a handler gives up what takes too long, and goes on', async () => {
    const { seen, told } = await runWith('itemHangs', 'handlers/handle', { count: 1 });

    expect(seen).toEqual(['2 of rows', '3 of rows', '4 of rows']);
    expect(told).toEqual(['app/p/handlers/handle failed null']);
  });
});

/** Producers of three kinds, handlers and consumers with every policy, and what they need. */
function busyTree() {
  const items = queue<number>('items', { backoff: { first: '100ms' }, lease: '2s' });
  const database = service('database', { start: (ctx) => ctx.sleep(10) });
  const busy = pipeline('busy', { maxInFlight: 5, onShutdown: (ctx) => ctx.sleep(20) })
    .producer('jobs', fromQueue(items))
    .producer(
      'ticks',
      fromEvery('300ms', ({ run }) => run),
    )
    .producer('rows', { restart: 'permanent', backoff: { first: '1s' } }, async function* (ctx) {
      for (let n = 0; n < 10; n++) {
        await ctx.sleep(50);
        yield n;
      }
    })
    .router((n) => String(n % 3))
    .on('0', { timeout: '1s', retry: { maxAttempts: 2 } }, async (n, ctx) => {
      await ctx.sleep(70);
      return n;
    })
    .on('rest', { ids: ['1', '2'], needs: { database }, concurrency: 2 }, async (n, ctx) => {
      await ctx.sleep(40);
      return n * 2;
    })
    .always('all', { onError: 'fail' }, (n) => -n)
    .consumer('store', { needs: { database }, buffer: 3 }, (_n, ctx) => ctx.sleep(20))
    .consumer('tell', { buffer: 2, overflow: 'drop-oldest' }, (_n, ctx) => ctx.sleep(10));
  const clerk = service('clerk', async (ctx) => {
    for (let n = 0; ; n++) {
      await ctx.jobs.enqueue(items, n);
      await ctx.sleep(200);
    }
  });
  return supervisor('app', [database, busy, clerk]);
}

describe('a pipeline', () => {
  it('keeps what every tree, schedule and queue keeps, whatever goes wrong', async () => {
    const report = await checkTree(busyTree, { runs: 25, seed: 41, horizon: '10s' });

    expect(report.runs).toBe(25);
    expect(report.faults).toBeGreaterThan(25);
  }, 60_000);
});
