import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineError, EngineFailure } from '../../src/services/engine/engine.ts';
import { PostgresEngine } from '../../src/services/engine/postgres/postgres-engine.ts';
import { Desk } from '../services/engine/desk.ts';
import { freshSchema } from './postgres.ts';
import { PostgresServer, password } from './server.ts';

/** What has been acknowledged must be there after a kill: as in life, and unlike in the other tests. */
let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
}, 30_000);

afterAll(() => server[Symbol.asyncDispose]());

/** An engine, with what it reported. */
class Bench {
  readonly troubles: EngineFailure[] = [];
  opened = 0;
  readonly engine: PostgresEngine;

  constructor({ url = server.url, connectWithinMs = 10_000, schema = freshSchema() } = {}) {
    this.engine = new PostgresEngine({
      url,
      schema,
      connectWithinMs,
      maxPendingBytes: 1e8,
      onOpen: () => this.opened++,
      onTrouble: (failure) => this.troubles.push(failure),
    });
  }

  set(key: string, owner = 'app'): Promise<unknown> {
    const entry = { owner, store: '', key, value: '1', expiresAt: null, now: 0 };
    return this.engine.submit([['entries.set', entry]]);
  }

  async keys(): Promise<string[]> {
    const query = { owner: 'app', store: '', prefix: '', after: '', limit: 1e6, now: 0 };
    const [rows] = await this.engine.submit([['entries.list', query]]);
    return rows.map(({ key }) => key);
  }
}

function failureOf(promise: Promise<unknown>): Promise<EngineFailure | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error as EngineError).failure,
  );
}

/** Nothing that anybody could read has the password, in whatever form. */
function isDiscreet(failures: readonly EngineFailure[]): boolean {
  const text = JSON.stringify(failures);
  return !text.includes('tell nobody') && !text.includes(encodeURIComponent(password));
}

describe('a server that is killed', () => {
  it('has lost nothing that was acknowledged, and is found again', async () => {
    const bench = new Bench();
    const acknowledged: string[] = [];
    const codes = new Set<string>();
    let isOver = false;
    const writer = async (name: string) => {
      for (let count = 0; !isOver; count++) {
        const key = `${name} ${count}`;
        const failure = await failureOf(bench.set(key));
        if (failure) codes.add(failure.code);
        else acknowledged.push(key);
      }
    };
    const writers = Array.from({ length: 50 }, (_, index) => writer(String(index)));
    for (let kill = 0; kill < 2; kill++) {
      const { length } = acknowledged;
      while (acknowledged.length < length + 200) await bench.keys().catch(() => {});
      await server.kill();
      await server.start();
    }
    const { length } = acknowledged;
    while (acknowledged.length < length + 200) await bench.keys();
    isOver = true;
    await Promise.all(writers);

    const kept = new Set(await bench.keys());
    expect(acknowledged.filter((key) => !kept.has(key))).toEqual([]);
    expect([...codes].filter((code) => code !== 'DARUMA_STORAGE_LOST')).toEqual([]);
    expect(bench.opened).toBe(3);
    expect(bench.troubles.map(({ code }) => code)).toContain('DARUMA_STORAGE_LOST');
    expect(isDiscreet(bench.troubles)).toBe(true);
    await bench.engine.close();
  }, 60_000);

  it('loses what was under way only: what waits goes to it when it is back', async () => {
    const schema = freshSchema();
    const bench = new Bench({ schema });
    await bench.set('before');
    const other = new pg.Client({ connectionString: server.url });
    other.on('error', () => {});
    await other.connect();
    await other.query(`BEGIN; LOCK TABLE ${schema}.entry`);
    const writes = Array.from({ length: 600 }, (_, index) => failureOf(bench.set(`key ${index}`)));
    while ((await other.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount === 0);
    await server.kill();
    await server.start();

    const codes = (await Promise.all(writes)).map((failure) => failure?.code);
    expect(codes.slice(0, 512)).toEqual(Array(512).fill('DARUMA_STORAGE_LOST'));
    expect(codes.slice(512)).toEqual(Array(88).fill(undefined));
    expect(await bench.keys()).toHaveLength(89);
    await bench.engine.close();
  }, 30_000);

  it('does not end the hearing of what other processes do', async () => {
    const schema = freshSchema();
    const [one, other] = [new Bench({ schema }), new Bench({ schema })];
    const desk = new Desk(one.engine);
    await desk.claim();
    let hear: () => void = () => {};
    const heard = () => new Promise<void>((resolve) => (hear = resolve));
    const listening = heard();
    one.engine.watch(desk.queue, () => hear());
    await listening;
    await server.kill();
    await server.start();
    const listeningAgain = heard();
    await failureOf(desk.claim());
    await listeningAgain;

    const news = heard();
    const job = desk.job();
    await other.engine.submit([['jobs.add', { now: 0, jobs: [job] }]]);
    await news;
    expect(await desk.claimIds()).toEqual([job.id]);
    await Promise.all([one.engine.close(), other.engine.close()]);
  }, 30_000);
});

describe('a server that is not there', () => {
  it('is waited for, as long as it may take', async () => {
    await server.kill();
    const bench = new Bench({ connectWithinMs: 300 });
    const failure = await failureOf(bench.set('a'));
    await server.start();

    expect(failure).toMatchObject({
      code: 'DARUMA_STORAGE_UNREACHABLE',
      cause: expect.stringContaining('ECONNREFUSED'),
    });
    expect(failure?.message).toMatch(
      /^postgres:\/\/127\.0\.0\.1:\d+\/postgres \(schema \w+\) was out of reach for 300ms/,
    );
    expect(bench.troubles).toHaveLength(1);
    // A busy machine may need longer than 300 ms for a connection.
    while (await failureOf(bench.set('a')));
    expect([bench.opened, await bench.keys()]).toEqual([1, ['a']]);
    await bench.engine.close();
  }, 30_000);

  it('does not keep what was submitted from settling when nobody waits any more', async () => {
    const bench = new Bench({ url: 'postgres://127.0.0.1:1/nothing' });
    const writes = [failureOf(bench.set('a')), failureOf(bench.set('b'))];
    const closed = bench.engine.close();
    const late = failureOf(bench.set('c'));
    bench.engine.abort();
    await closed;

    for (const failure of await Promise.all([...writes, late])) {
      expect(failure?.code).toBe('DARUMA_STORAGE_CLOSED');
    }
  });
});

describe('a server that refuses', () => {
  it.each([
    ['a wrong password', () => server.urlWith('not it'), '28P01', /user and password/],
    ['an unknown user', () => server.urlWith(password, 'nobody'), '28P01', /user and password/],
    ['an unknown database', () => `${server.url}2`, '3D000', /CREATE DATABASE/],
  ])('%s is told at once, with what to do', async (_name, urlOf, sqlState, hint) => {
    const bench = new Bench({ url: urlOf() });
    const failure = await failureOf(bench.set('a'));

    expect(failure).toMatchObject({
      code: 'DARUMA_STORAGE_UNUSABLE',
      cause: expect.stringContaining(`PostgreSQL ${sqlState}`),
      hint: expect.stringMatching(hint),
    });
    expect(isDiscreet([...bench.troubles, failure as EngineFailure])).toBe(true);
    await bench.engine.close();
  });

  it('to end in time is not waited for', async () => {
    const bench = new Bench();
    await bench.set('before');
    const writes = Array.from({ length: 600 }, (_, index) => failureOf(bench.set(`key ${index}`)));
    await Promise.resolve();
    const closed = bench.engine.close();
    bench.engine.abort();
    await closed;

    const codes = (await Promise.all(writes)).map((failure) => failure?.code);
    expect(codes.slice(0, 512)).toEqual(Array(512).fill('DARUMA_STORAGE_LOST'));
    expect(codes.slice(512)).toEqual(Array(88).fill('DARUMA_STORAGE_CLOSED'));
  });
});
