import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { createSystem, service, supervisor } from '../../../src/index.ts';
import { codeOf, errorOf, folder, freshFile, Keeper } from './keeper.ts';

/** A file in which one service has stored something, closed again. */
async function storedFile(): Promise<string> {
  const file = freshFile();
  const keeper = await Keeper.on({ file });
  for (let index = 0; index < 200; index++)
    void keeper.storage.set(`key ${index}`, 'x'.repeat(500));
  await keeper.storage.set('a', 'kept');
  await keeper.stop();
  return file;
}

function edit(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

/** What a service is told that has to do with this file, and whether the file is as it was. */
async function refusalOf(file: string) {
  const before = readFileSync(file);
  const keeper = await Keeper.on({ file });
  const error = await errorOf(keeper.storage.set('a', 'other'));
  await keeper.stop();
  const events = keeper.lab.all('storage-failed').map((event) => event.error.code);
  return { error, events, isUntouched: readFileSync(file).equals(before) };
}

describe('the file of a storage', () => {
  it('is made with its folder when it is first used, for its owner alone', async () => {
    const file = freshFile();
    const keeper = await Keeper.on({ file });
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
    await keeper.storage.get('a');

    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(dirname(file))) {
      expect(statSync(join(dirname(file), name)).mode & 0o777).toBe(0o600);
    }
    expect(keeper.lab.all('storage-opened')).toMatchObject([{ path: 'app', file }]);
  });

  it('has everything when it is opened again, in one file', async () => {
    const file = await storedFile();
    const keeper = await Keeper.on({ file });

    expect(readdirSync(dirname(file))).toEqual(['app.sqlite']);
    expect(await keeper.storage.get('a')).toBe('kept');
    expect(await keeper.storage.size()).toBe(201);
  });

  it('keeps what expires for its time, whatever is restarted meanwhile', async () => {
    const file = freshFile();
    const first = await Keeper.on({ file });
    await first.storage.set('a', 1, { ttl: '1h' });
    await first.stop();
    const second = await Keeper.on({ file });

    expect(await second.storage.get('a')).toBe(1);
    await second.lab.clock.advance(3_600_000);
    expect(await second.storage.get('a')).toBeUndefined();
  });

  it('does not grow by what has expired', async () => {
    const file = freshFile();
    const { storage, lab } = await Keeper.on({ file });
    for (let index = 0; index < 100; index++) void storage.set(`old ${index}`, 1, { ttl: '1s' });
    await storage.size();
    await lab.clock.advance(120_000);
    for (let index = 0; index < 20; index++) void storage.set(`new ${index}`, 1, { ttl: '1s' });
    await storage.size();
    const rows = new DatabaseSync(file, { readOnly: true }).prepare('SELECT count(*) n FROM entry');

    expect(rows.get()?.n).toBe(20);
  });

  it('may be made by several at once: each finds it empty, or whole', async () => {
    for (let round = 0; round < 5; round++) {
      const file = freshFile();
      const keepers = await Promise.all([0, 1, 2, 3].map(() => Keeper.on({ file })));
      await Promise.all(keepers.map(({ storage }, index) => storage.set(`${index}`, index)));

      expect(await keepers[0]?.storage.size()).toBe(4);
      for (const keeper of keepers) await keeper.stop();
    }
  });

  it('may be shared by several systems: none overwrites what another one counts', async () => {
    const file = freshFile();
    const keepers = await Promise.all([0, 1, 2].map(() => Keeper.on({ file })));
    const counting = keepers.flatMap(({ storage }) =>
      Array.from({ length: 10 }, () =>
        storage.transaction(async (tx) => {
          await tx.set('count', ((await tx.get<number>('count')) ?? 0) + 1);
        }),
      ),
    );
    await Promise.all(counting);

    expect(await keepers[0]?.storage.get('count')).toBe(30);
  });

  it('is waited for while another process has it locked, up to the limit', async () => {
    const file = await storedFile();
    const keeper = await Keeper.on({ file, busyTimeout: '30ms' });
    const holder = new DatabaseSync(file);
    holder.exec('BEGIN IMMEDIATE');
    const error = await errorOf(keeper.storage.set('a', 1));
    expect(await keeper.storage.get('a')).toBe('kept');
    holder.exec('ROLLBACK');
    holder.close();

    expect(error).toMatchObject({ code: 'DARUMA_STORAGE_BUSY', path: 'app/ada' });
    expect(error.message).toContain(`${file} was locked by another process for 30ms`);
    await keeper.storage.set('a', 2);
    expect(await keeper.storage.get('a')).toBe(2);
  });
});

describe('a file that another process is making', () => {
  it('is waited for, up to the limit', async () => {
    const file = join(folder(), 'app.sqlite');
    const holder = new DatabaseSync(file);
    holder.exec('BEGIN EXCLUSIVE');
    const keeper = await Keeper.on({ file, busyTimeout: '50ms' });
    expect(await codeOf(keeper.storage.set('a', 1))).toBe('DARUMA_STORAGE_BUSY');
    holder.close();

    await keeper.storage.set('a', 1);
    expect(await keeper.storage.get('a')).toBe(1);
  });
});

describe('the end of a system', () => {
  it('waits for what was submitted no longer than its limit; then that is rejected', async () => {
    const file = await storedFile();
    const keeper = await Keeper.on({ file, busyTimeout: '5s' });
    await keeper.storage.get('a');
    const holder = new DatabaseSync(file);
    holder.exec('BEGIN IMMEDIATE');
    const code = codeOf(keeper.storage.set('a', 'too late'));
    const stopped = keeper.lab.system.stop();
    await keeper.lab.clock.settle();
    await keeper.lab.clock.advance(900);
    await stopped;
    holder.exec('ROLLBACK');

    expect(await code).toBe('DARUMA_STORAGE_LOST');
    expect(keeper.lab.all('stop-error')).toEqual([]);
    expect(holder.prepare("SELECT value FROM entry WHERE key = 'a'").get()?.value).toBe('"kept"');
    holder.close();
  });

  it('waits for what was submitted within its limit', async () => {
    const file = freshFile();
    const keeper = await Keeper.on({ file });
    const writes = Array.from({ length: 2_000 }, (_, index) => keeper.storage.set(`${index}`, 1));
    await keeper.stop();
    await Promise.all(writes);
    const again = await Keeper.on({ file });

    expect(await again.storage.size()).toBe(2_000);
  });
});

describe('a file that is refused', () => {
  it('belongs to another application', async () => {
    const file = join(folder(), 'other.sqlite');
    edit(file, 'CREATE TABLE customers (name TEXT)');
    const { error, events, isUntouched } = await refusalOf(file);

    expect(error).toMatchObject({ code: 'DARUMA_STORAGE_FOREIGN', path: 'app/ada' });
    expect(error.message).toContain(`${file} is the database of another application`);
    expect([events, isUntouched]).toEqual([['DARUMA_STORAGE_FOREIGN'], true]);
  });

  it('was written by a newer version', async () => {
    const file = await storedFile();
    edit(file, 'PRAGMA user_version = 99');
    const { error, isUntouched } = await refusalOf(file);

    expect(error).toMatchObject({ code: 'DARUMA_STORAGE_FOREIGN' });
    expect(error.message).toMatch(/its schema has version 99, and this one knows \d+/);
    expect(isUntouched).toBe(true);
  });

  it.each<[string, (file: string) => void]>([
    ['is no database', (file) => writeFileSync(file, 'Dear diary, today I was overwritten.')],
    ['was cut off', (file) => truncateSync(file, 5_000)],
    [
      'has a damaged page',
      (file) => {
        const bytes = readFileSync(file);
        bytes.fill(0xab, 8_192, 16_384);
        writeFileSync(file, bytes);
      },
    ],
    [
      'is gone, though its log is there',
      (file) => {
        truncateSync(file, 0);
        writeFileSync(`${file}-wal`, 'what was not yet in the file');
      },
    ],
  ])('%s', async (_what, damage) => {
    const file = await storedFile();
    damage(file);
    const { error, events, isUntouched } = await refusalOf(file);

    expect(error).toMatchObject({ code: 'DARUMA_STORAGE_CORRUPT', path: 'app/ada' });
    expect(error.message).toContain('It was left as it is.');
    expect(error.cause).toBeInstanceOf(Error);
    expect([events, isUntouched]).toEqual([['DARUMA_STORAGE_CORRUPT'], true]);
  });

  it('cannot be made where it should be, until it can', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'data'), 'a file, not a folder');
    const file = join(dir, 'data', 'app.sqlite');
    const keeper = await Keeper.on({ file });
    const error = await errorOf(keeper.storage.set('a', 1));

    expect(error).toMatchObject({ code: 'DARUMA_STORAGE_UNUSABLE', path: 'app/ada' });
    expect((error as Error).message).toContain('cannot be opened or written: ');
    expect((error.cause as Error).message).toMatch(/ENOTDIR|EEXIST/);
    expect(error.hint).toContain('belongs to another user');
  });

  it('is tried again by the next call', async () => {
    const file = join(folder(), 'other.sqlite');
    edit(file, 'CREATE TABLE customers (name TEXT)');
    const keeper = await Keeper.on({ file });
    expect(await codeOf(keeper.storage.get('a'))).toBe('DARUMA_STORAGE_FOREIGN');
    edit(file, 'DROP TABLE customers');

    await keeper.storage.set('a', 1);
    expect(await keeper.storage.get('a')).toBe(1);
  });
});

describe('the options of a storage', () => {
  const app = supervisor('app', [service('a', () => {})]);
  const faultOf = (storage: unknown) => {
    try {
      createSystem(app, { storage: storage as 'memory' });
    } catch (error) {
      const { code, message, hint } = error as { code: string; message: string; hint?: string };
      return [code, message, hint];
    }
    throw new Error('It was accepted.');
  };

  it('are checked when the system is made', () => {
    expect(faultOf('disk')).toEqual([
      'DARUMA_INVALID_OPTION',
      "storage is 'disk'; it must be 'memory', the address of a PostgreSQL database or an object of options.",
      "storage: { file: 'data/app.sqlite' }",
    ]);
    expect(faultOf({ flie: 'a' })).toEqual([
      'DARUMA_UNKNOWN_OPTION',
      'there is no option storage.flie.',
      "Did you mean 'file'?",
    ]);
    expect(faultOf({ file: ':memory:' })[2]).toBe("For nothing but memory: storage: 'memory'.");
    expect(faultOf({ maxValueBytes: 0 })[0]).toBe('DARUMA_INVALID_OPTION');
    expect(faultOf({ maxPendingBytes: '1 MiB' })[0]).toBe('DARUMA_INVALID_OPTION');
    expect(faultOf({ busyTimeout: '5 s' })[0]).toBe('DARUMA_INVALID_DURATION');
  });

  it('make nothing by themselves', async () => {
    const dir = folder();
    mkdirSync(join(dir, 'data'));
    const keeper = await Keeper.on({ file: join(dir, 'data', 'app.sqlite') });
    await keeper.stop();

    expect(readdirSync(join(dir, 'data'))).toEqual([]);
  });
});
