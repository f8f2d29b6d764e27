import { describe, expect, it } from 'vitest';
import { codeOf, errorOf, freshFile, freshTables, Keeper } from './keeper.ts';

const adapters = [
  ['in memory', () => Keeper.on('memory')],
  ['in a file', () => Keeper.on({ file: freshFile() })],
  ['in PostgreSQL', async () => Keeper.on(await freshTables())],
] as const;

describe.each(adapters)('storage %s', (_name, open) => {
  it('gives back what was set, as it was', async () => {
    const { storage } = await open();
    const values = {
      text: 'ü 🙂 \ud800 \u0000',
      number: -1.5e300,
      yes: true,
      nothing: null,
      list: [1, [2, []]],
      object: { 'a b': { ['__proto__']: 1 } },
    };

    for (const [key, value] of Object.entries(values)) await storage.set(key, value);

    for (const [key, value] of Object.entries(values)) {
      expect(await storage.get(key)).toStrictEqual(value);
    }
  });

  it('has undefined for what is not there', async () => {
    const { storage } = await open();

    expect(await storage.get('a')).toBeUndefined();
    expect(await storage.has('a')).toBe(false);
    expect(await storage.delete('a')).toBe(false);
    expect(await storage.size()).toBe(0);
    expect(await storage.list()).toEqual([]);
    expect(await storage.clear()).toBe(0);
  });

  it('replaces, deletes and clears', async () => {
    const { storage } = await open();
    await storage.set('a', 1);
    await storage.set('a', 2);
    await storage.set('b', 3);
    await storage.set('c', 4);

    expect(await storage.get('a')).toBe(2);
    expect(await storage.delete('a')).toBe(true);
    expect(await storage.has('a')).toBe(false);
    expect(await storage.size()).toBe(2);
    expect(await storage.clear()).toBe(2);
    expect(await storage.size()).toBe(0);
  });

  it('lists by prefix, page by page, in the order of UTF-8', async () => {
    const { storage } = await open();
    const keys = ['b', 'a/2', 'a/10', 'a/1', 'a', 'z', '\u{1f642}', '\uffee'];
    await Promise.all(keys.map((key) => storage.set(key, key)));
    const keysOf = async (options: Parameters<typeof storage.list>[0]) =>
      (await storage.list(options)).map(({ key }) => key);

    expect(await keysOf({})).toEqual(['a', 'a/1', 'a/10', 'a/2', 'b', 'z', '\uffee', '\u{1f642}']);
    expect(await keysOf({ prefix: 'a/' })).toEqual(['a/1', 'a/10', 'a/2']);
    expect(await keysOf({ prefix: 'a/', limit: 2 })).toEqual(['a/1', 'a/10']);
    expect(await keysOf({ prefix: 'a/', limit: 2, after: 'a/10' })).toEqual(['a/2']);
    expect(await keysOf({ prefix: 'a/', after: 'b' })).toEqual([]);
    expect(await keysOf({ prefix: 'z', after: 'a/1' })).toEqual(['z']);
    expect(await storage.list({ prefix: 'b' })).toEqual([{ key: 'b', value: 'b' }]);
  });

  it('keeps the services of a tree apart', async () => {
    const { storage, other } = await open();
    await storage.set('a', 'of ada');
    await other.set('a', 'of bob');
    await other.set('b', 'of bob');

    expect(await storage.list()).toEqual([{ key: 'a', value: 'of ada' }]);
    expect(await storage.clear()).toBe(1);
    expect(await other.size()).toBe(2);
    expect(await other.get('a')).toBe('of bob');
  });

  it('takes effect in the order of the calls, awaited or not', async () => {
    const { storage } = await open();

    const results = await Promise.all([
      storage.set('a', 1),
      storage.get('a'),
      storage.set('a', 2),
      storage.get('a'),
      storage.delete('a'),
      storage.get('a'),
    ]);

    expect(results).toEqual([undefined, 1, undefined, 2, true, undefined]);
  });

  it('stores a value as it was when it was given', async () => {
    const { storage } = await open();
    const value = { list: [1] };
    const setting = storage.set('a', value);
    value.list.push(2);
    await setting;

    expect(await storage.get('a')).toEqual({ list: [1] });
  });

  it('lets entries expire by the clock of the system', async () => {
    const { storage, lab } = await open();
    await storage.set('short', 1, { ttl: '1m' });
    await storage.set('long', 2, { ttl: '1h' });
    await storage.set('for ever', 3);
    await storage.set('kept after all', 4, { ttl: '1m' });
    await storage.set('kept after all', 4);
    await lab.clock.advance(59_999);

    expect(await storage.size()).toBe(4);
    await lab.clock.advance(1);
    expect(await storage.get('short')).toBeUndefined();
    expect(await storage.has('short')).toBe(false);
    expect(await storage.delete('short')).toBe(false);
    expect((await storage.list()).map(({ key }) => key)).toEqual([
      'for ever',
      'kept after all',
      'long',
    ]);
    expect(await storage.size()).toBe(3);
    expect(await storage.clear()).toBe(3);
  });

  it('refuses keys that it could not keep apart or show', async () => {
    const { storage } = await open();
    const bad = ['', 'a\nb', 'a\u0000', '\ud800', 'x'.repeat(513), 'ü'.repeat(257), 7, undefined];

    for (const key of bad) {
      expect(await codeOf(storage.set(key as string, 1))).toBe('DARUMA_INVALID_KEY');
      expect(await codeOf(storage.get(key as string))).toBe('DARUMA_INVALID_KEY');
    }
    await storage.set('x'.repeat(512), 1);
    expect((await errorOf(storage.get('ü'.repeat(257)))).message).toMatch(
      /^app\/ada: the key 'ü+…' takes 514 bytes\.$/,
    );
  });

  it('refuses a value above the limit, with the numbers', async () => {
    const { storage } = await open();
    const limit = 1024 * 1024;
    await storage.set('a', 'x'.repeat(limit - 2));
    const error = await errorOf(storage.set('a', 'ü'.repeat(limit / 2)));

    expect(error).toMatchObject({ code: 'DARUMA_VALUE_TOO_LARGE', path: 'app/ada' });
    expect(error.message).toContain(`takes ${limit + 2} bytes as JSON; ${limit} are allowed`);
    expect(await storage.get('a')).toHaveLength(limit - 2);
  });

  it('refuses options that mean nothing', async () => {
    const { storage } = await open();

    for (const call of [
      storage.list({ limit: 0 }),
      storage.list({ limit: 10_001 }),
      storage.list({ limit: 1.5 }),
      storage.list({ prefix: 7 as unknown as string }),
      storage.list({ after: '\ud800' }),
      storage.set('a', 1, { ttl: 0 }),
      storage.set('a', 1, { ttl: '5 s' as '5s' }),
      storage.transaction(undefined as unknown as () => void),
    ]) {
      expect(await codeOf(call)).toBe('DARUMA_INVALID_OPTION');
    }
    expect(await storage.size()).toBe(0);
  });

  it('refuses every call of an incarnation that is over, and shows its successor what it wrote', async () => {
    const keeper = await open();
    const stale = keeper.storage;
    await stale.set('a', 1);
    const latest = stale.set('a', 2);
    keeper.ada.life.fail(new Error('on purpose'));
    await latest;
    await keeper.lab.clock.advance(1);

    expect(await codeOf(stale.set('a', 3))).toBe('DARUMA_STALE_INCARNATION');
    expect(await codeOf(stale.get('a'))).toBe('DARUMA_STALE_INCARNATION');
    expect(await codeOf(stale.transaction((tx) => tx.set('a', 3)))).toBe(
      'DARUMA_STALE_INCARNATION',
    );
    expect(keeper.context.incarnation).toBe(2);
    expect(await keeper.storage.get('a')).toBe(2);
  });

  it('takes the last words of a cleanup, and is closed when the system has stopped', async () => {
    const keeper = await open();
    const { storage, context } = keeper;
    let lastWords: Promise<unknown> | undefined;
    context.defer(async () => {
      await storage.set('a', 'from a cleanup');
      lastWords = storage.get('a');
    });
    await keeper.stop();

    expect(await lastWords).toBe('from a cleanup');
    expect(await codeOf(storage.get('a'))).toBe('DARUMA_STALE_INCARNATION');
    expect(keeper.lab.all('stop-error')).toEqual([]);
  });
});
