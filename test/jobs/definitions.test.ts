import { describe, expect, it } from 'vitest';
import { compileTree } from '../../src/define/compile.ts';
import type { DefinitionError } from '../../src/index.ts';
import { queue, supervisor, worker } from '../../src/index.ts';

function faultsOf(define: () => unknown): string[] {
  try {
    define();
  } catch (error) {
    return (error as DefinitionError).faults.map(({ code, path, message, hint }) =>
      `${code} ${path}: ${message} ${hint ?? ''}`.trim(),
    );
  }
  throw new Error('Nothing is wrong with it.');
}

const items = queue('items');

describe('a queue', () => {
  it('names everything that is wrong with it', () => {
    expect(
      faultsOf(() =>
        queue('items', {
          payload: {},
          maxAttempts: 0,
          timeout: 0,
          cancelWithin: 'soon',
          lease: '10ms',
          perKey: 0,
          rateLimit: { max: 1 },
          keep: '1h',
          maxRetries: 5,
          concurrency: 3,
          backoff: { first: '1m', max: '1s', resetAfter: '1h' },
        } as never),
      ),
    ).toMatchInlineSnapshot(`
      [
        "DARUMA_UNKNOWN_OPTION queue items: there is no option maxRetries. Did you mean 'maxAttempts'? It counts the first attempt as well.",
        "DARUMA_UNKNOWN_OPTION queue items: there is no option concurrency. It is an option of worker().",
        "DARUMA_INVALID_OPTION queue items: payload is an object; it must be a Standard Schema. As Valibot, Zod and ArkType make them. To name a type only: queue<Payload>(name).",
        "DARUMA_INVALID_OPTION queue items: maxAttempts is 0; it must be a whole number, 1 or more.",
        "DARUMA_UNKNOWN_OPTION queue items: there is no option backoff.resetAfter. The delays of every job begin anew.",
        "DARUMA_INVALID_BACKOFF queue items: backoff.max is 1s, below backoff.first, 1m. No delay is longer than max: raise max, or lower first.",
        "DARUMA_INVALID_DURATION queue items: timeout is 0; it must be above 0.",
        "DARUMA_INVALID_DURATION queue items: cancelWithin is 'soon'; that is not a duration. Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'. Or 'infinity'.",
        "DARUMA_INVALID_OPTION queue items: lease is '10ms'; it must be 1 second or more. A shorter one is lost whenever the event loop stands still for a moment.",
        "DARUMA_INVALID_OPTION queue items: perKey is 0; it must be a whole number, 1 or more, 'fifo' or 'infinity'.",
        "DARUMA_INVALID_OPTION queue items: rateLimit is an object; it must have max and per. rateLimit: { max: 100, per: '1m' }",
        "DARUMA_INVALID_OPTION queue items: keep is '1h'; it must be an object. Say of which: keep: { completed: ... }.",
      ]
    `);
    expect(
      faultsOf(() =>
        queue('items', {
          rateLimit: { max: 0, per: 'minute', each: 1 },
          keep: { failed: '1d', dead: 'ever' },
          backoff: 5,
        } as never),
      ),
    ).toMatchInlineSnapshot(`
      [
        "DARUMA_INVALID_BACKOFF queue items: backoff is 5; it must be an object. backoff: { first: '100ms', max: '30s' }",
        "DARUMA_UNKNOWN_OPTION queue items: there is no option rateLimit.each. Options: max, per.",
        "DARUMA_INVALID_OPTION queue items: rateLimit.max is 0; it must be a whole number, 1 or more.",
        "DARUMA_INVALID_DURATION queue items: rateLimit.per is 'minute'; that is not a duration. Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'.",
        "DARUMA_UNKNOWN_OPTION queue items: there is no option keep.failed. Did you mean 'dead'?",
        "DARUMA_INVALID_DURATION queue items: keep.dead is 'ever'; that is not a duration. Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'. Or 'infinity'.",
      ]
    `);
    expect(faultsOf(() => queue('a b' as never, 7 as never))).toMatchInlineSnapshot(`
      [
        "DARUMA_INVALID_NAME queue a b: its name 'a b' contains white space.",
        "DARUMA_INVALID_OPTION queue a b: its options are 7; they must be an object. queue('emails', { ... })",
      ]
    `);
  });

  it('has its defaults', () => {
    expect(items.spec).toEqual({
      payload: undefined,
      maxAttempts: 5,
      backoff: { firstMs: 1_000, maxMs: 600_000, factor: 2, jitter: 'full', resetAfterMs: 0 },
      timeoutMs: Number.POSITIVE_INFINITY,
      cancelWithinMs: 5_000,
      leaseMs: 30_000,
      perKey: Number.POSITIVE_INFINITY,
      rateLimit: undefined,
      keep: { completedMs: 3_600_000, deadMs: Number.POSITIVE_INFINITY, cancelledMs: 3_600_000 },
    });
    expect(items.definedAt).toMatch(/definitions\.test\.ts:\d+:\d+$/);
  });
});

describe('a worker', () => {
  const compiled = (...children: unknown[]) => compileTree(supervisor('app', children as never));

  it('names everything that is wrong with it', () => {
    const options = {
      concurrency: 0,
      batch: { size: 0, wait: 'long', sise: 1 },
      perJob: { cart: 5 },
      maxAttempts: 3,
      timeout: '1s',
      watchdog: '1x',
      stopWithin: 'never',
    };
    expect(
      faultsOf(() => compiled(worker(items, options as never, 'handler' as never))),
    ).toMatchInlineSnapshot(`
      [
        "DARUMA_UNKNOWN_OPTION app/items: there is no option maxAttempts. It is an option of queue().",
        "DARUMA_UNKNOWN_OPTION app/items: there is no option timeout. It is an option of queue().",
        "DARUMA_INVALID_BODY app/items: its handler is 'handler'; it must be a function. worker(emails, { concurrency: 10 }, async (job) => { ... }), the options before the handler.",
        "DARUMA_INVALID_OPTION app/items: perJob.cart is 5; it must be a function of the job. perJob: { cart: (job) => new Cart(job.id) }",
        "DARUMA_UNKNOWN_OPTION app/items: there is no option batch.sise. Did you mean 'size'?",
        "DARUMA_INVALID_OPTION app/items: batch.size is 0; it must be a whole number, 1 or more.",
        "DARUMA_INVALID_DURATION app/items: batch.wait is 'long'; that is not a duration. Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'.",
        "DARUMA_INVALID_OPTION app/items: concurrency is 0; it must be a whole number, 1 or more.",
        "DARUMA_INVALID_STOP_WITHIN app/items: stopWithin is 'never'; that is not a duration. Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'. Or 'brutal' or 'infinity'.",
        "DARUMA_INVALID_DURATION app/items: watchdog is '1x'; that is not a duration. Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'.",
      ]
    `);
    expect(
      faultsOf(() =>
        compiled(
          worker('items' as never, () => {}),
          worker(items, { batch: true, perJob: [] } as never, Promise.resolve() as never),
        ),
      ),
    ).toMatchInlineSnapshot(`
      [
        "DARUMA_INVALID_QUEUE app/worker: its queue is 'items'; it must be one that queue() has made. worker(emails, async (job) => { ... }), with emails = queue('emails').",
        "DARUMA_INVALID_BODY app/items: its handler is a promise; it must be a function. Was the function called? Give the function itself.",
        "DARUMA_INVALID_OPTION app/items: perJob is a list; it must be an object of functions. perJob: { cart: (job) => new Cart(job.id) }",
        "DARUMA_INVALID_OPTION app/items: batch is true; it must have a size. batch: { size: 50, wait: '100ms' }",
      ]
    `);
  });

  it('is in the tree under the name of its queue, or its own', () => {
    const { root } = compiled(
      worker(items, () => {}),
      worker(items, { name: 'more', concurrency: 3, batch: { size: 5 } }, () => {}),
    );

    expect(root.children.map(({ name }) => name)).toEqual(['items', 'more']);
    const policies = root.children.map((child) => {
      const body = child.kind === 'service' ? child.body : undefined;
      return body?.kind === 'hooks' ? body.battery?.policy : undefined;
    });
    const { payload: _schema, ...rules } = items.spec;
    expect(policies).toEqual([
      { queue: 'items', rules, concurrency: 10, batch: undefined, perJob: [] },
      { queue: 'items', rules, concurrency: 3, batch: { size: 5, waitMs: 100 }, perJob: [] },
    ]);
  });
});
