import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskContext, TaskHandle, TaskState, TasksOptions } from '../../../src/index.ts';
import { Workshop } from './workshop.ts';

/** What one task does, and what is done to it. Milliseconds. */
interface Order {
  readonly at: number;
  readonly id: number;
  readonly ms: number;
  readonly manner: 'returns' | 'throws' | 'rejects' | 'obeys' | 'hangs';
  readonly priority: number;
  readonly attempts: number;
  readonly timeout: number | undefined;
  readonly cancelAfter: number | undefined;
}

const ms = fc.integer({ min: 0, max: 300 });

const order: fc.Arbitrary<Order> = fc.record({
  at: ms,
  id: fc.integer({ min: 0, max: 9 }),
  ms,
  manner: fc.constantFrom('returns', 'throws', 'rejects', 'obeys', 'hangs'),
  priority: fc.integer({ min: -2, max: 2 }),
  attempts: fc.integer({ min: 1, max: 3 }),
  timeout: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
  cancelAfter: fc.option(ms, { nil: undefined }),
});

interface Day {
  readonly orders: readonly Order[];
  readonly concurrency: number | 'infinity';
  readonly maxPending: number;
  readonly ageing: number;
  readonly stopAt: number;
  readonly stopWithin: number | 'brutal';
}

const day: fc.Arbitrary<Day> = fc.record({
  orders: fc.array(order, { maxLength: 25 }),
  concurrency: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant('infinity' as const)),
  maxPending: fc.integer({ min: 0, max: 10 }),
  ageing: fc.integer({ min: 1, max: 500 }),
  stopAt: fc.integer({ min: 0, max: 1_000 }),
  stopWithin: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant('brutal' as const)),
});

/** What was seen of a day. */
interface Record {
  readonly shop: Workshop;
  readonly handles: readonly TaskHandle[];
  readonly ends: readonly (TaskState | undefined)[];
  /** The most functions that ran beside each other, those of abandoned tasks left out. */
  readonly most: number;
  readonly violations: readonly string[];
}

/** Runs a day, and stops the worker at its end. */
async function lived({ orders, concurrency, maxPending, ageing, stopAt, stopWithin }: Day) {
  const options: TasksOptions = { concurrency, maxPending, ageing, stopWithin, keepFinished: 3 };
  const shop = await new Workshop(options).start();
  const { worker } = shop;
  const handles: TaskHandle[] = [];
  const ends: (TaskState | undefined)[] = [];
  const violations: string[] = [];
  let most = 0;
  const running = new Set<string>();
  shop.system.events$.subscribe((event) => {
    if (event.type !== 'task') return;
    if (event.status === 'running') running.add(event.id);
    else if (event.status !== 'stopping') running.delete(event.id);
    most = Math.max(most, running.size);
    if (running.size !== worker.running()) violations.push('running() is wrong');
    const known = worker.status(event.id);
    if (known && known.status !== event.status) violations.push('status() is behind');
  });
  for (const each of orders) {
    shop.clock.setTimeout(() => {
      try {
        const handle = worker.submit(`job-${each.id}`, (ctx) => act(shop, ctx, each), {
          priority: each.priority,
          cancelWithin: 50,
          retry: { maxAttempts: each.attempts, backoff: { first: 20, max: 40 } },
          ...(each.timeout !== undefined && { timeout: each.timeout }),
        });
        const place = handles.push(handle) - 1;
        void handle.wait().then(({ status }) => {
          ends[place] = status;
        });
        if (each.cancelAfter !== undefined) {
          shop.clock.setTimeout(() => void handle.cancel(), each.cancelAfter);
        }
      } catch (error) {
        const { code } = error as { code?: string };
        if (!/DUPLICATE|FULL|STOPPING/.test(code ?? '')) violations.push(String(error));
      }
    }, each.at);
  }
  await shop.clock.advance(stopAt);
  await shop.until(shop.system.ref('app/worker').stop());
  const isSettled = handles.map((_, place) => ends[place] !== undefined);
  if (isSettled.includes(false)) violations.push('somebody still waits');
  // What the test itself has armed, and functions that hang, come to their end.
  await shop.clock.advance(10_000);
  return { shop, handles, ends, most, violations } satisfies Record;
}

async function act(shop: Workshop, ctx: TaskContext, { ms: forMs, manner }: Order) {
  if (manner === 'throws') throw new Error('no');
  if (manner === 'hangs') await new Promise(() => {});
  if (manner === 'obeys') await ctx.sleep(forMs);
  else await shop.wait(forMs);
  if (manner === 'rejects') throw new Error('no');
  return manner;
}

const legal: { readonly [From in TaskState | 'none']: readonly TaskState[] } = {
  none: ['pending'],
  pending: ['running', 'cancelled'],
  running: ['completed', 'failed', 'backoff', 'stopping', 'abandoned'],
  stopping: ['stopping', 'completed', 'failed', 'cancelled', 'backoff', 'abandoned'],
  backoff: ['pending', 'cancelled'],
  completed: ['pending'],
  failed: ['pending'],
  cancelled: ['pending'],
  abandoned: ['pending'],
};
const terminal: readonly string[] = ['completed', 'failed', 'cancelled', 'abandoned'];

const holds = (check: (record: Record, day: Day) => void) =>
  fc.assert(
    fc.asyncProperty(day, async (each) => check(await lived(each), each)),
    { numRuns: 150 },
  );

describe('whatever tasks do, and whenever the worker stops', { timeout: 60_000 }, () => {
  it('invariant 1: a task goes legal ways only, and comes to exactly one end', async () => {
    await holds(({ shop, handles, ends }) => {
      const now = new Map<string, TaskState>();
      let finished = 0;
      for (const { id, status, attempt } of shop.all('task')) {
        const from = now.get(id) ?? 'none';
        expect(legal[from], `${id}: ${from} -> ${status}`).toContain(status);
        // A terminal state is left by another task of the same id alone.
        if (terminal.includes(from)) expect(attempt).toBe(0);
        if (terminal.includes(status)) finished++;
        now.set(id, status);
      }
      expect(finished).toBe(handles.length);
      expect(handles.map((handle) => handle.status().status)).toEqual(ends);
    });
  });

  it('invariant 2: never more run than may, and status and counts agree with events', async () => {
    await holds(({ most, violations }, { concurrency }) => {
      expect(violations).toEqual([]);
      if (concurrency !== 'infinity') expect(most).toBeLessThanOrEqual(concurrency);
    });
  });

  it('invariant 3: no two live tasks have an id, and only so many are kept', async () => {
    await holds(({ shop }) => {
      const live = new Set<string>();
      for (const { id, status, attempt } of shop.all('task')) {
        if (status === 'pending' && attempt === 0) {
          expect(live).not.toContain(id);
          live.add(id);
        } else if (terminal.includes(status)) live.delete(id);
      }
      expect([...live]).toEqual([]);
    });
  });

  it('invariant 4: everybody who waits is answered, and no timer is left', async () => {
    await holds(({ shop, ends, handles, violations }) => {
      expect(violations).toEqual([]);
      expect(ends).toHaveLength(handles.length);
      expect(shop.clock.pendingTimers).toBe(0);
    });
  });

  it('invariant 5: the worker does not fail', async () => {
    await holds(({ shop }) => {
      const ended = shop.all('ended').filter(({ reason }) => reason === 'error');
      expect([...ended, ...shop.all('backoff'), ...shop.all('stray-error')]).toEqual([]);
    });
  });

  it('turns: whoever begins is ahead of all who wait', async () => {
    await holds(({ shop, handles }, { ageing }) => {
      const priorities = new Map(
        handles.map((handle) => [`${handle.id} ${handle.status().submittedAt}`, handle.status()]),
      );
      const waiting = new Map<string, { since: number; priority: number; seq: number }>();
      for (const { id, status, at, time, ageMs, seq } of shop.all('task')) {
        const priority = priorities.get(`${id} ${time - ageMs}`)?.priority ?? 0;
        if (status === 'pending') waiting.set(id, { since: at, priority, seq });
        if (status === 'running') {
          const mine = waiting.get(id);
          if (!mine) throw new Error('it begins without having waited');
          for (const other of waiting.values()) {
            const head = mine.priority - other.priority + (other.since - mine.since) / ageing;
            const isAhead = head > 0 || (head === 0 && mine.priority >= other.priority);
            expect(isAhead || Math.abs(head) < 1e-9).toBe(true);
            if (other.priority === mine.priority) expect(mine.seq).toBeLessThanOrEqual(other.seq);
          }
        }
        if (status !== 'pending') waiting.delete(id);
      }
    });
  });
});
