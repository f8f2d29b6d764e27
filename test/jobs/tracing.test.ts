import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotRetryable, queue, worker } from '../../src/index.ts';
import { Spans } from '../services/tracing/spans.ts';
import { Desk, Office, SharedEngine } from './office.ts';

const tracing = { lifecycle: false };
const backoff = { first: '1s', jitter: 'none' } as const;
const items = queue<string>('items', { backoff, lease: '30s', cancelWithin: '1s' });
let spans: Spans;

beforeEach(() => {
  spans = new Spans().register();
});

afterEach(() => {
  expect(spans.open).toEqual([]);
  Spans.unregister();
});

describe('the span of a job', () => {
  it('is around each attempt, below whatever was under way where the job was added', async () => {
    const handler = worker(items, (job) =>
      job.span('charge', () => {
        if (job.attempt === 1) throw new RangeError('greylisted');
      }),
    );
    const office = new Office([handler], { tracing });
    await office.start();
    const add = () => office.jobs.enqueue(items, 'x', { workspaceId: 'acme' });
    const { id } = await office.until(spans.make('request', add));
    await office.over(items, id);

    expect(spans.lines).toEqual([
      'request',
      'request > job items',
      'request > job items > charge',
      'request > job items',
      'request > job items > charge',
    ]);
    const [first, second] = spans.named('job items');
    expect([first?.outcome, first?.errors]).toEqual(['retrying', ['greylisted']]);
    expect(first?.attributes['error.type']).toBe('RangeError');
    expect(second?.attributes).toEqual({
      'daruma.path': 'app/items',
      'daruma.incarnation': 1,
      'daruma.queue': 'items',
      'daruma.job.id': id,
      'daruma.job.trigger': 'enqueue',
      'daruma.workspace.id': 'acme',
      'daruma.attempt': 2,
      'daruma.outcome': 'completed',
    });
    await office.stop();
  });

  it('is in the trace of who added the job in another process', async () => {
    const engine = new SharedEngine();
    const api = new Office([], { tracing }, engine);
    const work = new Office([worker(items, () => {})], { tracing, clock: api.clock }, engine);
    await api.start();
    await work.start();
    const { id } = await api.until(spans.make('request', () => api.jobs.enqueue(items, 'x')));
    await work.over(items, id);

    expect(spans.lines).toEqual(['request', 'request > job items']);
    await work.stop();
    await api.stop();
  });

  it('is a trace of its own where nobody was traced, and not below whoever runs the worker', async () => {
    const office = new Office([worker(items, () => {})], { tracing });
    await spans.make('boot', () => office.start());
    const { id } = await office.until(office.jobs.enqueue(items, 'x'));
    await office.over(items, id);

    expect(spans.lines).toEqual(['boot', 'job items']);
    await office.stop();
  });

  it('ends with the attempt, however that ends', async () => {
    const ends: Record<string, (office: Office, desk: Desk<string>, id: string) => unknown> = {
      dead: (_office, desk) => desk.fail(new NotRetryable('no such customer')),
      cancelled: (office, _desk, id) => office.jobs.cancel(items, id),
      released: (office) => office.until(office.system.ref('app/items').stop()),
    };
    for (const [outcome, end] of Object.entries(ends)) {
      const desk = new Desk<string>();
      const office = new Office([worker(items, desk.obedient)], { tracing });
      await office.start();
      const { id } = await office.until(office.jobs.enqueue(items, 'x'));
      await office.clock.settle();
      await end(office, desk, id);
      await office.clock.advance(1_000);

      expect(spans.all.at(-1)?.outcome).toBe(outcome);
      await office.stop();
    }
  });

  it('has one for each job of a batch', async () => {
    const batch = { size: 2, wait: '1s' } as const;
    const office = new Office(
      [worker(items, { batch }, (jobs) => void jobs[1]?.fail(new Error('the second')))],
      { tracing },
    );
    await office.start();
    const adding = office.jobs.enqueueMany(items, [
      { payload: 'x' },
      { payload: 'y', maxAttempts: 1 },
    ]);
    const [, second] = await office.until(adding);
    await office.over(items, second?.id ?? '');

    expect(spans.all.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['job items', 'completed'],
      ['job items', 'dead'],
    ]);
    await office.stop();
  });
});
