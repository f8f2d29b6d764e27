import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { codeOf, errorOf, Keeper } from './keeper.ts';

const order = v.object({ id: v.number(), note: v.optional(v.string(), 'none') });

describe('a store with a schema', () => {
  it('stores what it was given and reads what the schema makes of it', async () => {
    const { storage } = await Keeper.on('memory');
    const orders = storage.store('orders', order);
    await orders.set('a', { id: 1 });

    expect(await orders.get('a')).toEqual({ id: 1, note: 'none' });
    expect(await orders.list()).toEqual([{ key: 'a', value: { id: 1, note: 'none' } }]);
    expect(await orders.get('b')).toBeUndefined();
    expect([await orders.has('a'), await orders.size()]).toEqual([true, 1]);
    expect([await orders.delete('a'), await orders.clear()]).toEqual([true, 0]);
  });

  it('refuses to write what does not fit, and says why', async () => {
    const { storage } = await Keeper.on('memory');
    const orders = storage.store('orders', order);

    const error = await errorOf(orders.set('a', { id: 'one' } as never));

    expect(error).toMatchObject({ code: 'DARUMA_INVALID_VALUE', path: 'app/ada' });
    expect(error.message).toMatch(/^app\/ada: the value of 'a': value\.id: .*Expected number/);
    expect(await orders.size()).toBe(0);
  });

  it('refuses to read what was stored under another schema', async () => {
    const { storage } = await Keeper.on('memory');
    await storage.store('orders', v.string()).set('a', 'old');
    const orders = storage.store('orders', order);

    expect((await errorOf(orders.get('a'))).hint).toContain('under another schema');
    expect(await codeOf(orders.list())).toBe('DARUMA_INVALID_VALUE');
    expect(await orders.delete('a')).toBe(true);
  });

  it('is apart from other stores and from what has no store', async () => {
    const { storage } = await Keeper.on('memory');
    const [left, right] = [storage.store('left', v.number()), storage.store('right', v.number())];
    await left.set('a', 1);
    await right.set('a', 2);
    await storage.set('a', 3);
    await left.clear();

    expect([await left.get('a'), await right.get('a'), await storage.get('a')]).toEqual([
      undefined,
      2,
      3,
    ]);
  });

  it('is part of a transaction with everything else', async () => {
    const { storage } = await Keeper.on('memory');
    const code = codeOf(
      storage.transaction(async (tx) => {
        await tx.store('orders', order).set('a', { id: 1 });
        await tx.set('count', 1);
        await tx.store('orders', order).set('b', {} as never);
      }),
    );

    expect(await code).toBe('DARUMA_INVALID_VALUE');
    expect(await storage.store('orders', order).size()).toBe(0);
    expect(await storage.size()).toBe(0);
  });

  it('takes what it was given as it was then, however long the schema looks at it', async () => {
    const { storage } = await Keeper.on('memory');
    const slow = v.pipeAsync(
      order,
      v.checkAsync(async () => Promise.resolve(true)),
    );
    const value = { id: 1 };
    const setting = storage.store('orders', slow).set('a', value);
    value.id = 2;
    await setting;

    expect(await storage.store('orders', order).get('a')).toMatchObject({ id: 1 });
  });

  it('reports a schema that throws', async () => {
    const { storage } = await Keeper.on('memory');
    const broken = v.pipe(
      v.number(),
      v.check(() => {
        throw new Error('no idea');
      }),
    );

    expect((await errorOf(storage.store('a', broken).set('a', 1))).message).toContain(
      'the schema threw: no idea',
    );
  });

  it('has a name, and a Standard Schema', async () => {
    const { storage } = await Keeper.on('memory');

    expect(() => storage.store('', order)).toThrow(/the name of a store is ''/);
    expect(() => storage.store('a\n', order)).toThrow(/without control characters/);
    expect(() => storage.store('a', {} as never)).toThrow(/must be a Standard Schema/);
  });
});
