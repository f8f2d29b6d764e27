import { describe, expectTypeOf, it } from 'vitest';
import {
  type ReadyOf,
  type System,
  service,
  supervisor,
  type TaskContext,
  type TaskHandle,
  type TaskStatus,
  type TaskWorker,
  task,
  tasks,
} from '../../src/index.ts';

/** Compiled, never called. */
const types = (check: () => void) => check;
declare const system: System;
declare const now: TaskWorker;

const worker = tasks('worker', { concurrency: 10, keepFor: '5m', restart: 'transient' });
const resize = task('resize', { timeout: '10s' }, async (ctx: TaskContext<{ file: string }>) => {
  return ctx.input.file.length;
});

describe('a worker', () => {
  it('is what its dependants and the system get', () => {
    types(() => {
      expectTypeOf<ReadyOf<typeof worker>>().toEqualTypeOf<TaskWorker>();
      expectTypeOf(system.value(worker)).toEqualTypeOf<TaskWorker | undefined>();
      service('api', { needs: { worker } }, (ctx) => {
        expectTypeOf(ctx.needs.worker).toEqualTypeOf<TaskWorker>();
      });
      const app = supervisor('app', [worker]);
      expectTypeOf(app.name).toEqualTypeOf<'app'>();
    });
  });

  it('has options of its own, beside those of a service that make sense', () => {
    types(() => {
      tasks('plain');
      tasks('unlimited', { concurrency: 'infinity', maxPending: 'infinity', ageing: 'infinity' });
      // @ts-expect-error it is its own body
      tasks('run', { run: () => {} });
      // @ts-expect-error not a duration
      tasks('keep', { keepFor: '5 minutes' });
      // @ts-expect-error not a name
      tasks('a/b');
    });
  });
});

describe('a submit', () => {
  it('knows the result', () => {
    types(async () => {
      const handle = now.submit('a', async () => 3);
      expectTypeOf(handle).toEqualTypeOf<TaskHandle<number>>();
      expectTypeOf(await handle.result).toEqualTypeOf<number>();
      expectTypeOf(handle.status().result).toEqualTypeOf<number | undefined>();
      expectTypeOf(now.submit('b', () => 'x').result).toEqualTypeOf<Promise<string>>();
      expectTypeOf(await now.submitWhenFree('c', () => 'x')).toEqualTypeOf<TaskHandle<string>>();
      expectTypeOf(now.status('a')).toEqualTypeOf<TaskStatus | undefined>();
    });
  });

  it('gives the function its input', () => {
    types(() => {
      now.submit('a', (ctx) => expectTypeOf(ctx.input).toEqualTypeOf<undefined>());
      const handle = now.submit('b', (ctx) => ctx.input.rows * 2, { input: { rows: 3 } });
      expectTypeOf(handle).toEqualTypeOf<TaskHandle<number>>();
    });
  });

  it('of a definition demands its input, and knows its result', () => {
    types(() => {
      expectTypeOf(now.submit('a', resize, { input: { file: 'x' }, priority: 2 })).toEqualTypeOf<
        TaskHandle<number>
      >();
      // @ts-expect-error the input is missing
      now.submit('b', resize);
      // @ts-expect-error another input
      now.submit('c', resize, { input: { path: 'x' } });
      now.submit(
        'd',
        task('plain', () => 1),
      );
    });
  });

  it('knows its options', () => {
    types(() => {
      // @ts-expect-error attempts are counted, not retries
      now.submit('a', () => 1, { retry: { maxRetries: 3 } });
      // @ts-expect-error not a duration
      now.submit('b', () => 1, { timeout: 'soon' });
    });
  });
});
