import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import { type Context, type Storage, service } from '../../src/index.ts';

/** Compiled, never called. */
const types = (check: (storage: Storage) => unknown) => check;

const Order = v.object({ id: v.number(), at: v.pipe(v.string(), v.transform(Number)) });

describe('ctx.storage', () => {
  it('is there in every context', () => {
    expectTypeOf<Context['storage']>().toEqualTypeOf<Storage>();
    service('a', { start: ({ storage }) => expectTypeOf(storage).toEqualTypeOf<Storage>() });
  });

  it('gives what it does not know, or what it is told', () => {
    types(async (storage) => {
      expectTypeOf(await storage.get('a')).toEqualTypeOf<unknown>();
      expectTypeOf(await storage.get<number>('a')).toEqualTypeOf<number | undefined>();
      expectTypeOf((await storage.list<number>())[0]?.value).toEqualTypeOf<number | undefined>();
      expectTypeOf(storage.delete('a')).resolves.toEqualTypeOf<boolean>();
    });
  });

  it('takes what a schema takes, and gives what it makes of it', () => {
    types(async (storage) => {
      const orders = storage.store('orders', Order);

      await orders.set('a', { id: 1, at: '5' });
      // @ts-expect-error: at is text where it is written
      await orders.set('a', { id: 1, at: 5 });
      expectTypeOf(await orders.get('a')).toEqualTypeOf<{ id: number; at: number } | undefined>();
    });
  });

  it('returns what a transaction returns', () => {
    types((storage) => {
      expectTypeOf(storage.transaction(() => 1)).resolves.toEqualTypeOf<number>();
      expectTypeOf(
        storage.transaction(async (tx) => tx.store('orders', Order).has('a')),
      ).resolves.toEqualTypeOf<boolean>();
      // @ts-expect-error: no transaction inside a transaction
      return storage.transaction((tx) => tx.transaction(() => 1));
    });
  });

  it('knows durations', () => {
    types(async (storage) => {
      await storage.set('a', 1, { ttl: '5m' });
      // @ts-expect-error: no such unit
      await storage.set('a', 1, { ttl: '5 weeks' });
    });
  });
});
