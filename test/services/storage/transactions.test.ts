import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../../src/index.ts';
import { codeOf, errorOf, freshFile, freshTables, Keeper } from './keeper.ts';

const adapters = [
  ['in memory', () => Keeper.on('memory')],
  ['in a file', () => Keeper.on({ file: freshFile() })],
  ['in PostgreSQL', async () => Keeper.on(await freshTables())],
] as const;

const increment = async (tx: Transaction) => {
  const count = ((await tx.get<number>('count')) ?? 0) + 1;
  await tx.set('count', count);
  return count;
};

describe.each(adapters)('a transaction %s', (_name, open) => {
  it('writes all or nothing, and returns what its function returned', async () => {
    const { storage } = await open();
    await storage.set('from', 10);

    const moved = await storage.transaction(async (tx) => {
      await tx.delete('from');
      await tx.set('to', 10);
      return 'moved';
    });
    const failed = storage.transaction(async (tx) => {
      await tx.clear();
      await tx.set('from', 10);
      throw new RangeError('on purpose');
    });

    expect(moved).toBe('moved');
    await expect(failed).rejects.toThrow(RangeError);
    expect(await storage.list()).toEqual([{ key: 'to', value: 10 }]);
  });

  it('sees what it wrote itself, and nobody else does', async () => {
    const { storage } = await open();
    await storage.set('a', 1);
    await storage.set('b', 2);

    await storage.transaction(async (tx) => {
      expect(await tx.delete('a')).toBe(true);
      expect(await tx.delete('a')).toBe(false);
      await tx.set('c', 3);
      expect(await tx.get('a')).toBeUndefined();
      expect(await tx.list()).toEqual([
        { key: 'b', value: 2 },
        { key: 'c', value: 3 },
      ]);
      expect(await tx.size()).toBe(2);
      expect(await tx.clear()).toBe(2);
      expect(await tx.has('b')).toBe(false);
      expect(await storage.size()).toBe(2);
    });

    expect(await storage.size()).toBe(0);
  });

  it('loses no update among a hundred at once', async () => {
    const { storage } = await open();

    const counts = await Promise.all(
      Array.from({ length: 100 }, () => storage.transaction(increment)),
    );

    expect(counts).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(await storage.get('count')).toBe(100);
  });

  it('is called again when what it read was changed, and never sees two states', async () => {
    const { storage } = await open();
    await storage.set('a', 1);
    await storage.set('b', 1);
    const seen: unknown[] = [];

    await storage.transaction(async (tx) => {
      const a = await tx.get<number>('a');
      if (seen.length === 0) {
        seen.push('overtaken');
        await storage.set('a', 2);
        await storage.set('b', 2);
      }
      const b = await tx.get<number>('b');
      seen.push([a, b]);
      await tx.set('sum', (a ?? 0) + (b ?? 0));
    });

    expect(seen).toEqual(['overtaken', [2, 2]]);
    expect(await storage.get('sum')).toBe(4);
  });

  it('is called again when only its commit is overtaken', async () => {
    const { storage } = await open();
    let calls = 0;

    await storage.transaction(async (tx) => {
      const count = (await tx.get<number>('count')) ?? 0;
      if (++calls === 1) await storage.set('count', 10);
      await tx.set('count', count + 1);
    });

    expect([calls, await storage.get('count')]).toEqual([2, 11]);
  });

  it('is not overtaken by what other services write', async () => {
    const { storage, other } = await open();
    let calls = 0;

    await storage.transaction(async (tx) => {
      calls++;
      await tx.get('a');
      await other.set('a', 1);
      await tx.set('a', 2);
    });

    expect(calls).toBe(1);
    expect(await other.get('a')).toBe(1);
  });

  it('gives up when it is always overtaken', async () => {
    const { storage } = await open();
    let calls = 0;

    const error = await errorOf(
      storage.transaction(async (tx) => {
        await tx.get('a');
        await storage.set('a', ++calls);
        await tx.set('b', 1);
      }),
    );

    expect(error).toMatchObject({ code: 'DARUMA_TRANSACTION_CONFLICT', path: 'app/ada' });
    expect(error.message).toContain('overtaken 20 times');
    expect([calls, await storage.has('b')]).toEqual([20, false]);
  });

  it('gives up at its limit, and writes nothing afterwards', async () => {
    const { storage, lab } = await open();
    let late: Promise<string> | undefined;
    let goOn: () => void = () => {};
    const hanging = storage.transaction(
      async (tx) => {
        await tx.set('a', 1);
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        late = codeOf(tx.set('b', 1));
      },
      { within: '2s' },
    );
    const code = codeOf(hanging);
    const next = storage.transaction(increment, { within: '3s' });
    await lab.clock.advance(2_000);

    expect(await code).toBe('DARUMA_TRANSACTION_TIMEOUT');
    expect(await next).toBe(1);
    goOn();
    await lab.clock.settle();
    expect(await late).toBe('DARUMA_TRANSACTION_OVER');
    expect(await storage.list()).toEqual([{ key: 'count', value: 1 }]);
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('refuses another one of the same service inside of it, at once', async () => {
    const { storage, other, lab } = await open();
    const nested = codeOf(
      storage.transaction(async (tx) => {
        await tx.set('a', 1);
        await lab.clock.settle();
        await storage.transaction(increment);
      }),
    );
    const roundabout = codeOf(
      storage.transaction(() => other.transaction(() => storage.transaction(increment))),
    );

    expect([await nested, await roundabout]).toEqual([
      'DARUMA_TRANSACTION_NESTED',
      'DARUMA_TRANSACTION_NESTED',
    ]);
    expect(await storage.size()).toBe(0);
  });

  it('has one of another service inside of it, and its own behind it', async () => {
    const { storage, other, lab } = await open();
    let later: Promise<number> | undefined;
    await storage.transaction(async () => {
      await other.transaction(increment);
      later = lab.clock
        .settle()
        .then(() => lab.wait(10))
        .then(() => storage.transaction(increment));
    });
    await lab.clock.advance(10);

    expect(await later).toBe(1);
    expect(await other.get('count')).toBe(1);
  });

  it('refuses what comes after its end', async () => {
    const { storage } = await open();
    let kept: Transaction | undefined;
    await storage.transaction((tx) => {
      kept = tx;
    });

    expect(await codeOf((kept as Transaction).set('a', 1))).toBe('DARUMA_TRANSACTION_OVER');
    expect(await codeOf((kept as Transaction).get('a'))).toBe('DARUMA_TRANSACTION_OVER');
    expect(await storage.size()).toBe(0);
  });

  it('commits nothing for an incarnation that ends meanwhile', async () => {
    const keeper = await open();
    const { storage } = keeper;
    let goOn: () => void = () => {};
    const code = codeOf(
      storage.transaction(async (tx) => {
        await tx.set('a', 1);
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
      }),
    );
    await keeper.lab.clock.settle();
    keeper.ada.life.fail(new Error('on purpose'));
    await keeper.lab.clock.advance(1);
    goOn();

    expect(await code).toBe('DARUMA_STALE_INCARNATION');
    expect(await keeper.storage.size()).toBe(0);
  });

  it('settles when the system stops', async () => {
    const keeper = await open();
    const code = codeOf(keeper.storage.transaction(() => new Promise(() => {})));
    await keeper.lab.clock.settle();
    await keeper.stop();

    expect(await code).toBe('DARUMA_STORAGE_CLOSED');
    expect(keeper.lab.clock.pendingTimers).toBe(0);
  });

  it('sees nothing expire in its middle', async () => {
    const { storage, lab } = await open();
    await storage.set('a', 1, { ttl: '1s' });

    await storage.transaction(async (tx) => {
      expect(await tx.get('a')).toBe(1);
      await lab.clock.advance(2_000);
      expect(await tx.get('a')).toBe(1);
    });

    expect(await storage.get('a')).toBeUndefined();
  });
});
