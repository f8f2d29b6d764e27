import { describe, expect, it } from 'vitest';
import { formatDuration } from '../../actors/rules/duration.ts';
import { defaultTask } from '../../src/services/tasks/read-task-options.ts';
import { defaultPolicy } from '../../src/services/tasks/worker-policy.ts';
import { codesIn, read, rowsOf, sectionOf } from './pages.ts';

const page = 'docs/tasks.md';

/** Option and default of each row of a section. */
function defaultsIn(section: string): Record<string, string | undefined> {
  return Object.fromEntries(
    rowsOf(sectionOf(page, section)).map(([option = '', value = '']) => [
      codesIn(option)[0],
      codesIn(value)[0] ?? value,
    ]),
  );
}

const duration = (ms: number) => `'${formatDuration(ms).replace('1h 0m', '1h')}'`;

describe(`the defaults in ${page}`, () => {
  it('of a worker are those of the code', () => {
    const { concurrency, maxPending, ageingMs, keepFinished, keepForMs } = defaultPolicy;

    expect(concurrency).toBe(Number.POSITIVE_INFINITY);
    expect(defaultsIn('Worker options')).toEqual({
      concurrency: "'infinity'",
      maxPending: String(maxPending),
      ageing: duration(ageingMs),
      keepFinished: String(keepFinished),
      keepFor: duration(keepForMs),
    });
  });

  it('of a task are those of the code', () => {
    const { priority, timeoutMs, cancelWithinMs, backoff } = defaultTask;
    const { firstMs, maxMs, factor, jitter } = backoff;

    expect(timeoutMs).toBe(Number.POSITIVE_INFINITY);
    expect(defaultsIn('Task options')).toEqual({
      priority: String(priority),
      timeout: 'none',
      'retry.maxAttempts': '3',
      'retry.backoff': `{ first: ${duration(firstMs)}, max: ${duration(maxMs)}, factor: ${factor}, jitter: '${jitter}' }`,
      'retry.retryable': 'always',
      cancelWithin: duration(cancelWithinMs),
      input: 'none',
    });
  });

  it('has a row for every member of a worker', () => {
    const source = read('src/services/tasks/types.ts');
    const [, body = ''] = /export interface TaskWorker \{([\s\S]+?)\n\}/.exec(source) ?? [];
    const members = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[(<:]/gm)].map(([, name]) => name);
    const documented = rowsOf(sectionOf(page, 'The worker')).flatMap(([cell = '']) =>
      codesIn(cell).map((code) => code.replace(/\(.*/, '')),
    );

    expect([...new Set(documented)].sort()).toEqual([...new Set(members)].sort());
  });
});
