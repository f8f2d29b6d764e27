import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import type { EngineError, EngineFailure } from '../../src/services/engine/engine.ts';
import type { PostgresEngine } from '../../src/services/engine/postgres/postgres-engine.ts';
import { openPostgres } from './engines.ts';
import { freshSchema, postgresUrl } from './postgres.ts';

const open: PostgresEngine[] = [];

afterEach(() => Promise.all(open.splice(0).map((engine) => engine.close())));

/** What an operator does by hand. */
async function query(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: await postgresUrl() });
  await client.connect();
  try {
    return (await client.query(text)).rows ?? [];
  } finally {
    await client.end();
  }
}

async function failureOf(schema: string, url?: string): Promise<EngineFailure | undefined> {
  const engine = await openPostgres({ schema, ...(url && { url }) });
  open.push(engine);
  return engine.submit([['revision.read', { owner: 'app' }]]).then(
    () => undefined,
    (error: unknown) => (error as EngineError).failure,
  );
}

function tablesOf(schema: string) {
  return query(`SELECT tablename FROM pg_tables WHERE schemaname = '${schema}'`);
}

async function urlOf(user: string): Promise<string> {
  const url = new URL(await postgresUrl());
  url.username = user;
  url.password = 'of a guest';
  return url.href;
}

describe('the schema of a storage in PostgreSQL', () => {
  it('is made when it is first used, and found as it is afterwards', async () => {
    const schema = freshSchema();
    expect(await failureOf(schema)).toBeUndefined();
    const made = await query(`SELECT oid FROM pg_class WHERE relname = 'job' ORDER BY oid`);

    expect(await failureOf(schema)).toBeUndefined();
    expect(await query(`SELECT oid FROM pg_class WHERE relname = 'job' ORDER BY oid`)).toEqual(
      made,
    );
  });

  it('that a newer Daruma has made is refused, and left as it is', async () => {
    const schema = freshSchema();
    await failureOf(schema);
    await query(`UPDATE ${schema}.daruma_version SET version = 1000`);

    const failure = await failureOf(schema);
    expect(failure).toMatchObject({
      code: 'DARUMA_STORAGE_FOREIGN',
      message: expect.stringMatching(/newer Daruma: it has version 1000, and this one knows \d+\./),
    });
    expect(await query(`SELECT version FROM ${schema}.daruma_version`)).toEqual([
      { version: 1000 },
    ]);
  });

  it('that another application uses is refused, and left as it is', async () => {
    const schema = freshSchema();
    await query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.customers (id int)`);

    const failure = await failureOf(schema);
    expect(failure).toMatchObject({ code: 'DARUMA_STORAGE_FOREIGN' });
    expect(failure?.hint).toContain('Name another schema');
    expect(await tablesOf(schema)).toEqual([{ tablename: 'customers' }]);
  });

  it('needs the right to make it, or to be made for the user', async () => {
    const [schema, user] = [freshSchema(), freshSchema()];
    await query(`CREATE ROLE ${user} LOGIN PASSWORD 'of a guest'`);
    const failure = await failureOf(schema, await urlOf(user));

    expect(failure).toMatchObject({
      code: 'DARUMA_STORAGE_UNUSABLE',
      cause: expect.stringContaining('42501'),
      hint: expect.stringContaining('GRANT CREATE ON DATABASE'),
    });
    await query(`CREATE SCHEMA ${schema} AUTHORIZATION ${user}`);
    expect(await failureOf(schema, await urlOf(user))).toBeUndefined();
  });

  it('is left as it was when it cannot be made as a whole', async () => {
    const [schema, user] = [freshSchema(), freshSchema()];
    await query(`CREATE ROLE ${user} LOGIN PASSWORD 'of a guest'; CREATE SCHEMA ${schema};
      GRANT USAGE ON SCHEMA ${schema} TO ${user}`);

    expect((await failureOf(schema, await urlOf(user)))?.cause).toContain('42501');
    expect(await tablesOf(schema)).toEqual([]);
  });

  it('is refused where texts would be changed', async () => {
    const name = freshSchema();
    await query(`CREATE DATABASE ${name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0`);
    const url = new URL(await postgresUrl());
    url.pathname = name;

    const failure = await failureOf(name, url.href);
    expect(failure?.message).toContain('SQL_ASCII');
    expect(failure?.hint).toContain("ENCODING 'UTF8'");
  });

  it('waits for a server that takes no writes to become one that does', async () => {
    const [schema, user] = [freshSchema(), freshSchema()];
    await query(`CREATE ROLE ${user} LOGIN PASSWORD 'of a guest';
      ALTER ROLE ${user} SET default_transaction_read_only = on;
      CREATE SCHEMA ${schema} AUTHORIZATION ${user}`);
    const engine = await openPostgres({ schema, url: await urlOf(user), connectWithinMs: 5_000 });
    open.push(engine);
    const reading = engine.submit([['revision.read', { owner: 'app' }]]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await query(`ALTER ROLE ${user} SET default_transaction_read_only = off`);

    expect(await reading).toEqual([0]);
  });

  it('that others have locked is tried again, a few times', async () => {
    const [schema, user] = [freshSchema(), freshSchema()];
    await query(`CREATE ROLE ${user} LOGIN PASSWORD 'of a guest';
      ALTER ROLE ${user} SET lock_timeout = '20ms'; CREATE SCHEMA ${schema} AUTHORIZATION ${user}`);
    const engine = await openPostgres({ schema, url: await urlOf(user) });
    open.push(engine);
    const place = { owner: 'app', store: '', now: 0 };
    const write = (key: string) =>
      engine.submit([['entries.set', { ...place, key, value: '1', expiresAt: null }]]);
    await write('before');
    const tool = new pg.Client({ connectionString: await postgresUrl() });
    await tool.connect();
    await tool.query(`BEGIN; LOCK TABLE ${schema}.entry`);

    await expect(write('a')).rejects.toMatchObject({
      failure: {
        code: 'DARUMA_STORAGE_BUSY',
        cause: expect.stringContaining('PostgreSQL 55P03'),
      },
    });
    const written = write('b');
    await new Promise((resolve) => setTimeout(resolve, 30));
    await tool.end();
    await written;
    expect(await engine.submit([['entries.size', place]])).toEqual([2]);
  });
});
