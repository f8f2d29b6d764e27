import { describe, expect, it } from 'vitest';
import type { EngineError, EngineFailure } from '../../../src/services/engine/engine.ts';
import { FileEngine } from '../../../src/services/engine/file-engine.ts';
import { type Order, openThread, type Thread } from '../../../src/services/engine/thread.ts';
import { freshFile } from './keeper.ts';

/** A file engine whose threads the test can end, and look at. */
class Bench {
  readonly threads: Thread[] = [];
  readonly groups: number[] = [];
  readonly troubles: EngineFailure[] = [];
  opened = 0;
  /** The next thread that is asked something ends instead of answering. */
  isDoomed = false;
  readonly engine: FileEngine;

  constructor(maxPendingBytes = 1e9) {
    this.engine = new FileEngine(
      {
        file: freshFile(),
        busyTimeoutMs: 1_000,
        maxPendingBytes,
        onOpen: () => this.opened++,
        onTrouble: (failure) => this.troubles.push(failure),
      },
      (facts, listener) => {
        const thread = openThread(facts, listener);
        this.threads.push(thread);
        const order = (given: Order) => {
          if (given !== 'close') this.groups.push(given.length);
          if (this.isDoomed) thread.kill();
          else thread.order(given);
          this.isDoomed = false;
        };
        return { ...thread, order };
      },
    );
  }

  set(key: string, value = '1'): Promise<unknown> {
    const entry = { owner: 'app', store: '', key, value, expiresAt: null, now: 0 };
    return this.engine.submit([['entries.set', entry]]);
  }

  async size(): Promise<number> {
    const [size] = await this.engine.submit([
      ['entries.size', { owner: 'app', store: '', now: 0 }],
    ]);
    return size;
  }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'stored',
    (error: unknown) => (error as EngineError).failure.code,
  );

describe('the thread of a storage', () => {
  it('puts what is asked meanwhile into one commit', async () => {
    const bench = new Bench();
    const writes = Array.from({ length: 600 }, (_, index) => bench.set(`key ${index}`));
    await Promise.all(writes);

    expect(bench.groups).toEqual([512, 88]);
    expect(await bench.size()).toBe(600);
    await bench.engine.close();
  });

  it('puts no more into one commit than can be handed over at once', async () => {
    const bench = new Bench();
    const large = 'x'.repeat(1024 * 1024);
    await Promise.all(Array.from({ length: 5 }, (_, index) => bench.set(`key ${index}`, large)));

    expect(bench.groups).toEqual([1, 1, 1, 1, 1]);
    await bench.engine.close();
  });

  it('is replaced when it ends: only what was under way is lost sight of', async () => {
    const bench = new Bench();
    await bench.set('before');
    bench.isDoomed = true;
    const writes = Array.from({ length: 1_000 }, (_, index) => codeOf(bench.set(`key ${index}`)));
    const codes = await Promise.all(writes);

    expect(codes.slice(0, 512)).toEqual(Array(512).fill('DARUMA_STORAGE_LOST'));
    expect(codes.slice(512)).toEqual(Array(488).fill('stored'));
    expect([bench.threads.length, bench.opened]).toEqual([2, 2]);
    expect(bench.troubles.map(({ code }) => code)).toEqual(['DARUMA_STORAGE_LOST']);
    expect(await bench.size()).toBe(489);
    await bench.engine.close();
  });

  it('is not replaced when it ends before it has answered anything', async () => {
    const bench = new Bench();
    bench.isDoomed = true;
    const [first, second] = [codeOf(bench.set('a')), codeOf(bench.set('b'))];

    expect([await first, await second]).toEqual(['DARUMA_STORAGE_LOST', 'DARUMA_STORAGE_LOST']);
    expect(await codeOf(bench.set('c'))).toBe('DARUMA_STORAGE_LOST');
    expect(bench.threads).toHaveLength(1);
    expect(bench.engine.close()).toBeUndefined();
  });

  it('that cannot even be made rejects what it was made for', async () => {
    const engine = new FileEngine(
      { file: freshFile(), busyTimeoutMs: 0, maxPendingBytes: 1_000 },
      () => {
        throw new Error('no more threads');
      },
    );

    const error = await engine
      .submit([['revision.read', { owner: 'app' }]])
      .catch((thrown: unknown) => thrown);
    expect((error as EngineError).failure).toMatchObject({
      code: 'DARUMA_STORAGE_LOST',
      cause: 'no more threads',
    });
  });

  it('finishes what was submitted before it closes, and refuses the rest', async () => {
    const bench = new Bench();
    const writes = Array.from({ length: 1_000 }, (_, index) => codeOf(bench.set(`key ${index}`)));
    const closed = bench.engine.close();
    const late = codeOf(bench.set('late'));
    await closed;

    expect(new Set(await Promise.all(writes))).toEqual(new Set(['stored']));
    expect(await late).toBe('DARUMA_STORAGE_CLOSED');
  });

  it('rejects what is not done when nobody waits any more', async () => {
    const bench = new Bench();
    await bench.set('before');
    const writes = Array.from({ length: 600 }, (_, index) => codeOf(bench.set(`key ${index}`)));
    await Promise.resolve();
    const closed = bench.engine.close();
    bench.engine.abort();
    await closed;

    const codes = await Promise.all(writes);
    expect(codes.slice(0, 512)).toEqual(Array(512).fill('DARUMA_STORAGE_LOST'));
    expect(codes.slice(512)).toEqual(Array(88).fill('DARUMA_STORAGE_CLOSED'));
  });

  it('takes no more in than its limit, and goes on when there is room again', async () => {
    const bench = new Bench(10_000);
    const writes = Array.from({ length: 10 }, (_, index) =>
      codeOf(bench.set(`key ${index}`, 'x'.repeat(1_000))),
    );
    const codes = await Promise.all(writes);

    expect(codes.filter((code) => code === 'stored')).toHaveLength(5);
    expect(codes.slice(5)).toEqual(Array(5).fill('DARUMA_STORAGE_OVERLOADED'));
    expect(await codeOf(bench.set('after'))).toBe('stored');
    await bench.engine.close();
  });
});
