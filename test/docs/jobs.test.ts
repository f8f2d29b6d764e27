import { describe, expect, it } from 'vitest';
import { formatDuration } from '../../actors/rules/duration.ts';
import { compileTree } from '../../src/define/compile.ts';
import { queue, supervisor, worker } from '../../src/index.ts';
import { defaultQueue } from '../../src/jobs/read-queue.ts';
import type { WorkerPolicy } from '../../src/jobs/read-worker.ts';
import { codesIn, read, rowsOf, sectionOf } from './pages.ts';

const page = 'docs/jobs.md';

function defaultsIn(section: string): Record<string, string | undefined> {
  return Object.fromEntries(
    rowsOf(sectionOf(page, section)).map(([option = '', value = '']) => [
      codesIn(option)[0],
      codesIn(value)[0] ?? value,
    ]),
  );
}

function shown(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return "'infinity'";
  return `'${formatDuration(ms).replace(/(\d+[hm]) 0[ms]/, '$1')}'`;
}

describe(`the defaults in ${page}`, () => {
  it('of a queue are those of the code', () => {
    const { maxAttempts, backoff, timeoutMs, cancelWithinMs, leaseMs, keep } = defaultQueue;
    const { firstMs, maxMs, factor, jitter } = backoff;

    expect(defaultQueue).toEqual(queue('any').spec);
    expect(defaultsIn('Queue options')).toEqual({
      payload: 'none',
      maxAttempts: String(maxAttempts),
      backoff: `{ first: ${shown(firstMs)}, max: ${shown(maxMs)}, factor: ${factor}, jitter: '${jitter}' }`,
      timeout: shown(timeoutMs),
      cancelWithin: shown(cancelWithinMs),
      lease: shown(leaseMs),
      perKey: shown(defaultQueue.perKey as number),
      rateLimit: 'none',
      'keep.completed': shown(keep.completedMs),
      'keep.dead': shown(keep.deadMs),
      'keep.cancelled': shown(keep.cancelledMs),
    });
  });

  it('of a worker are those of the code', () => {
    const { root } = compileTree(supervisor('app', [worker(queue('any'), () => {})]));
    const [child] = root.children;
    const body = child?.kind === 'service' ? child.body : undefined;
    const policy = (body?.kind === 'hooks' && body.battery?.policy) as unknown as WorkerPolicy;

    expect(defaultsIn('Worker options')).toEqual({
      name: 'that of the queue',
      concurrency: String(policy.concurrency),
      batch: 'none',
      perJob: 'none',
    });
  });

  it('has a row for every call', () => {
    const source = read('src/define/jobs.ts');
    const bodies = [...source.matchAll(/export interface (?:Jobs|Enqueuer)[^{]*\{([\s\S]+?)\n\}/g)];
    const members = bodies.flatMap(([, body = '']) =>
      [...body.matchAll(/^ {2}(\w+)[(<]/gm)].map(([, name]) => name),
    );
    const documented = rowsOf(sectionOf(page, 'Calls')).flatMap(([cell = '']) =>
      codesIn(cell).map((code) => code.replace(/\(.*/, '')),
    );

    expect(members.length).toBeGreaterThan(9);
    expect([...new Set(documented)].sort()).toEqual([...new Set(members)].sort());
  });
});
