import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { compileTree } from '../../../src/define/compile.ts';
import type { HooksSpec } from '../../../src/define/spec.ts';
import { createSystem, type DefinitionError, supervisor, task, tasks } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';
import { Workshop } from './workshop.ts';

/** What is wrong with the options of a worker, as `message -> hint`. */
function faultsOf(options: object): string[] {
  return faultsIn(() => createSystem(supervisor('app', [tasks('worker', options)])));
}

function faultsIn(make: () => unknown): string[] {
  try {
    make();
    return [];
  } catch (error) {
    return (error as DefinitionError).faults.map(({ code, path, message, hint }) =>
      [`${code} ${path}: ${message}`, hint ?? ''].join(' -> '),
    );
  }
}

describe('the options of a worker', () => {
  it('are all looked at, each fault with its place', () => {
    expect(
      faultsOf({ concurrency: 0, maxPending: 1.5, ageing: 0, keepFinished: -1, keepFor: 'long' }),
    ).toMatchInlineSnapshot(`
      [
        "DARUMA_INVALID_OPTION app/worker: concurrency is 0; it must be a whole number, 1 or more. -> ",
        "DARUMA_INVALID_OPTION app/worker: maxPending is 1.5; it must be a whole number, 0 or more. -> ",
        "DARUMA_INVALID_DURATION app/worker: ageing is 0; it must be above 0. -> ",
        "DARUMA_INVALID_OPTION app/worker: keepFinished is -1; it must be a whole number, 0 or more. -> ",
        "DARUMA_INVALID_DURATION app/worker: keepFor is 'long'; that is not a duration. -> Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'. Or 'infinity'.",
      ]
    `);
  });

  it('may be left out, or be without a limit', () => {
    expect(faultsOf({})).toEqual([]);
    expect(
      faultsOf({
        concurrency: Number.POSITIVE_INFINITY,
        maxPending: 'infinity',
        ageing: 'infinity',
        keepFinished: 'infinity',
        keepFor: 'infinity',
      }),
    ).toEqual([]);
  });

  it('may come from the configuration of the worker, anew at every start', async () => {
    const worker = tasks('worker', {
      config: v.object({ concurrency: v.optional(v.number(), 10), keepFor: v.string() }),
      concurrency: (ctx) => ctx.config.concurrency,
      keepFor: (ctx) => ctx.config.keepFor as '1s',
    });
    const lab = await new Lab(supervisor('app', [worker]), {
      config: { 'app/worker': { keepFor: '3s' } },
      env: { DARUMA__app__worker__concurrency: '2' },
    }).start();
    const { promise, resolve } = Promise.withResolvers<void>();
    const running = () => lab.system.value(worker)?.running();
    for (const id of ['a', 'b', 'c']) lab.system.value(worker)?.submit(id, () => promise);
    await lab.clock.settle();

    expect(running()).toBe(2);
    resolve();
    await lab.clock.settle();
    expect(lab.system.value(worker)?.count()).toBe(3);
    await lab.clock.advance(3_001);
    expect(lab.system.value(worker)?.count()).toBe(0);
    await lab.stop();
  });

  it('fail the start when what the configuration says is wrong', async () => {
    const worker = tasks('worker', { concurrency: () => 0, ageing: () => 'soon' as '1s' });
    const lab = new Lab(supervisor('app', [worker]));
    const error = (await lab.errorOf(lab.begin())) as Error;

    expect(String(error.cause)).toContain(
      'concurrency is 0; it must be a whole number, 1 or more.',
    );
    expect(String(error.cause)).toContain("ageing is 'soon'; that is not a duration.");
  });

  it('are plain data for tools, as far as they are known', () => {
    const worker = tasks('worker', { concurrency: () => 3, maxPending: 5, keepFor: () => 1 });
    const [spec] = compileTree(supervisor('app', [worker])).root.children;
    const { battery } = (spec as { body: HooksSpec }).body;

    expect(battery?.policy).toEqual({ maxPending: 5, ageingMs: 10_000, keepFinished: 1_000 });
  });

  it('stand beside those of every service', () => {
    expect(faultsOf({ stopWithin: '1s', restart: 'transient', needs: {} })).toEqual([]);
    expect(faultsOf({ concurency: 3, run: () => {} })).toMatchInlineSnapshot(`
      [
        "DARUMA_UNKNOWN_OPTION app/worker: there is no option concurency. -> Did you mean 'concurrency'?",
        "DARUMA_UNKNOWN_OPTION app/worker: there is no option run. -> Options: restart, significant, backoff, config, stopWithin, concurrency, maxPending, ageing, keepFinished, keepFor, startWithin, firstStart, decide, needs, onLoss, watchdog, receive, mailbox, whileDown, health.",
      ]
    `);
  });
});

describe('the options of a task', () => {
  const wrong = {
    priority: Number.NaN,
    timeout: 0,
    cancelWithin: 'soon',
    retry: { maxAttempts: 0, maxRetries: 3, retryable: true, backoff: { first: -1, factor: 0 } },
    retries: 3,
  };

  it('are looked at when it is defined', () => {
    expect(faultsIn(() => task('resize', wrong as never, () => 1))).toMatchInlineSnapshot(`
      [
        "DARUMA_UNKNOWN_OPTION resize: there is no option retries. -> Attempts are counted, the first included: retry: { maxAttempts: 3 }.",
        "DARUMA_INVALID_OPTION resize: priority is NaN; it must be a number. -> ",
        "DARUMA_INVALID_DURATION resize: timeout is 0; it must be above 0. -> ",
        "DARUMA_INVALID_DURATION resize: cancelWithin is 'soon'; that is not a duration. -> Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'. Or 'infinity'.",
        "DARUMA_UNKNOWN_OPTION resize: there is no option retry.maxRetries. -> Attempts are counted, the first included: retry: { maxAttempts: 3 }.",
        "DARUMA_INVALID_OPTION resize: retry.maxAttempts is 0; it must be a whole number, 1 or more. -> ",
        "DARUMA_INVALID_DURATION resize: retry.backoff.first is -1; it must not be negative. -> Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'.",
        "DARUMA_INVALID_BACKOFF resize: retry.backoff.factor is 0; it must be a number, 1 or more. -> ",
        "DARUMA_INVALID_OPTION resize: retry.retryable is true; it must be a function. -> ",
      ]
    `);
    expect(
      faultsIn(() => task('resize', { retry: 3, x: 1 } as never, () => 1)),
    ).toMatchInlineSnapshot(`
      [
        "DARUMA_UNKNOWN_OPTION resize: there is no option x. -> Options: priority, timeout, retry, cancelWithin, input.",
        "DARUMA_INVALID_OPTION resize: retry is 3; it must be an object. -> retry: { maxAttempts: 3, backoff: { first: '1s' } }",
      ]
    `);
  });

  it('are looked at when it is submitted, and nothing is accepted then', async () => {
    const shop = await new Workshop().start();

    expect(() => shop.worker.submit('job', () => 1, { timeout: '-1s' as never })).toThrow(
      expect.objectContaining({ code: 'DARUMA_INVALID_DURATION', path: 'app/worker' }),
    );
    expect(() => shop.worker.submit('job', Promise.resolve() as never)).toThrow(
      /the task is a promise; it must be a function/,
    );
    expect(() => task('job', undefined as never)).toThrow(/the task is undefined/);
    expect(shop.worker.count()).toBe(0);
  });

  it('of a definition give way to those of a submit, part by part', async () => {
    const shop = await new Workshop().start();
    const retry = { maxAttempts: 2, backoff: { first: 10, max: 10, jitter: 'none' } } as const;
    const failing = task('failing', { priority: 4, retry }, () => Promise.reject(new Error('no')));
    const plain = shop.worker.submit('plain', failing);
    const more = shop.worker.submit('more', failing, { retry: { maxAttempts: 3 }, priority: 1 });
    await shop.clock.advance(100);

    expect(plain.status()).toMatchObject({ attempt: 2, maxAttempts: 2, priority: 4 });
    expect(more.status()).toMatchObject({ attempt: 3, maxAttempts: 3, priority: 1 });
    // The delays are those of the definition.
    expect(shop.all('task').at(-1)?.at).toBe(20);
  });
});

describe('the definition of a worker', () => {
  it('records its options, and shows its policy to tools', () => {
    const definition = tasks('worker', { concurrency: 3 });
    const [spec] = compileTree(supervisor('app', [definition])).root.children;

    expect(Object.isFrozen(definition.options)).toBe(true);
    expect(spec).toMatchObject({
      body: { battery: { kind: 'tasks', policy: { concurrency: 3, maxPending: 10_000 } } },
    });
  });
});
