import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Step } from '../../src/services/engine/engine.ts';
import type { Settlement } from '../../src/services/engine/job-rows.ts';
import { Notifier } from '../../src/services/engine/postgres/notifier.ts';
import { Desk, dead, failed } from '../services/engine/desk.ts';
import { openListening, openPostgres } from './engines.ts';
import { freshSchema } from './postgres.ts';

const completed: Settlement = { type: 'completed', result: null };

function settling(queue: string, settlement = completed, key: string | null = null): Step {
  return ['jobs.settle', { id: 'x', fence: 1, now: 0, queue, key, settlement, keepMs: null }];
}

const pausing = (queue: string): Step => ['queues.pause', { queue, isPaused: false }];

describe('what other processes are told of', () => {
  let told: (readonly string[])[];
  let notifier: Notifier;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    told = [];
    notifier = new Notifier((queues) => told.push(queues));
  });
  afterEach(() => void vi.useRealTimers());

  const tell = (...steps: Step[]) => notifier.tell([{ steps, isRehearsal: false }]);

  it('is told at once where there may be something to be claimed', () => {
    tell(settling('a'));
    tell(settling('b', failed(0)));
    tell(settling('c', { type: 'released' }));
    tell(settling('d', completed, 'a key'));
    tell(pausing('e'));

    expect(told).toEqual([['a'], ['b'], ['c'], ['d'], ['e']]);
  });

  it('is told together where jobs have ended, at once and then every 50 ms', () => {
    tell(settling('a'));
    tell(settling('b'), settling('b', dead));
    vi.advanceTimersByTime(49);
    tell(settling('c', { type: 'cancelled', error: null }));
    expect(told).toEqual([['a']]);

    vi.advanceTimersByTime(1);
    expect(told).toEqual([['a'], ['b', 'c']]);
    vi.advanceTimersByTime(1_000);
    tell(settling('a'));
    expect(told).toEqual([['a'], ['b', 'c'], ['a']]);
  });

  it('takes ends along with what is urgent, and tells of nothing twice', () => {
    tell(settling('a'));
    tell(settling('b'));
    tell(pausing('c'));
    vi.advanceTimersByTime(1_000);

    expect(told).toEqual([['a'], ['b', 'c']]);
  });

  it('is nothing where no queue was touched', () => {
    tell(['leases.read', { name: 'a' }]);
    vi.advanceTimersByTime(1_000);

    expect(told).toEqual([]);
  });
});

it('whoever waits for the end of a job hears of it, however many end, and when a process leaves', async () => {
  const schema = freshSchema();
  await using engines = new AsyncDisposableStack();
  const there = await openPostgres({ schema });
  engines.defer(async () => await there.close());
  const at = new Desk(there);
  await Promise.all([at.add(), at.add(), at.add()]);
  const [first, second, third] = await at.claim();
  // Now that they were told of what was added.
  const here = await openListening({ schema });
  engines.defer(async () => await here.close());
  const hints: PromiseWithResolvers<void>[] = [1, 2, 3].map(() => Promise.withResolvers());
  let heard = 0;
  here.watch(at.queue, () => hints[heard++]?.resolve());

  await at.complete(first as never);
  await hints[0]?.promise;
  await at.complete(second as never);
  await hints[1]?.promise;
  await at.complete(third as never);
  await there.close();
  await hints[2]?.promise;

  expect(heard).toBe(3);
});
