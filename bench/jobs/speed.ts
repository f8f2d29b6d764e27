import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, type Figures } from '../bench.ts';
import type { Broker } from './broker.ts';

/** How long anything may take before the measurement has failed, in milliseconds. */
const withinMs = 100_000;

/** How many jobs of a measurement come first and do not count: they compile what is called. */
function warmingUp(count: number): number {
  return Math.ceil(count / 5);
}

/**
 * Jobs in a second that are added one by one, by so many callers at the same time; then as many more
 * as are wanted, and jobs in a second that are run and completed by a worker with so many places.
 */
export async function throughput(
  broker: Broker,
  concurrency: number,
  { added, done }: { readonly added: number; readonly done: number },
): Promise<Figures> {
  const enqueued = await enqueueSpeed(broker, concurrency, added);
  await broker.enqueueMany(added, done - added);
  return { ...enqueued, ...(await processSpeed(broker, concurrency, done)) };
}

async function enqueueSpeed(broker: Broker, callers: number, count: number): Promise<Figures> {
  let next = 0;
  const addUntil = async (end: number) => {
    const call = async () => {
      while (next < end) await broker.enqueue(next++);
    };
    await Promise.all(Array.from({ length: callers }, call));
  };
  const warm = warmingUp(count);
  await addUntil(warm);
  const begun = performance.now();
  await addUntil(count);
  return { 'enqueue/s': (count - warm) / seconds(begun) };
}

/** Runs all that wait, of which there are so many. */
async function processSpeed(broker: Broker, concurrency: number, count: number): Promise<Figures> {
  const warm = Math.max(warmingUp(count), concurrency);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const all = Promise.withResolvers<void>();
  const seen = new Set<number>();
  let calls = 0;
  let begun = 0;
  await broker.work(concurrency, (nth) => {
    seen.add(nth);
    calls++;
    if (calls === warm) {
      begun = performance.now();
      delay.enable();
    }
    if (calls === count) all.resolve();
  });
  await inTime(all.promise);
  for (const end = performance.now() + withinMs; (await broker.completed()) < count; ) {
    expect(performance.now() < end, 'every job is completed');
    await sleep(1);
  }
  const took = seconds(begun);
  delay.disable();
  expect(seen.size === count && calls === count, 'every job has run once');
  return {
    'done/s': (count - warm) / took,
    'late p99 ms': delay.percentile(99) / 1e6,
    'RSS MB': process.memoryUsage.rss() / 2 ** 20,
  };
}

/** From the call that adds a job until its handler begins, while there is nothing else to do. */
export async function startLatency(
  broker: Broker,
  count: number,
  everyMs: number,
): Promise<Figures> {
  const added: number[] = [];
  const times: number[] = [];
  let begins = Promise.withResolvers<void>();
  await broker.work(10, (nth) => {
    times.push(performance.now() - (added[nth] as number));
    begins.resolve();
  });
  for (let nth = 0; nth < count; nth++) {
    begins = Promise.withResolvers();
    added[nth] = performance.now();
    await broker.enqueue(nth);
    await inTime(begins.promise);
    await sleep(everyMs);
  }
  expect(times.length === count, 'every job has run once');
  const warm = times.slice(warmingUp(count));
  return { 'start p50 ms': percentile(warm, 50), 'start p99 ms': percentile(warm, 99) };
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] as number;
}

async function inTime(promise: Promise<void>): Promise<void> {
  const limit = new AbortController();
  const late = sleep(withinMs, true, { signal: limit.signal }).catch(() => false);
  const isLate = await Promise.race([promise, late]);
  limit.abort();
  expect(!isLate, `done within ${withinMs / 1_000} s`);
}

function seconds(begun: number): number {
  return (performance.now() - begun) / 1_000;
}
