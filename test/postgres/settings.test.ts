import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Connection } from '../../src/services/engine/postgres/connection.ts';
import { prepare } from '../../src/services/engine/postgres/prepare.ts';
import { ServerClock } from '../../src/services/engine/postgres/server-clock.ts';
import { Session, Statements } from '../../src/services/engine/postgres/session.ts';
import { Desk } from '../services/engine/desk.ts';
import { openPostgres } from './engines.ts';
import { freshSchema, postgresUrl } from './postgres.ts';

afterEach(() => void vi.restoreAllMocks());

const names = [
  'enable_seqscan',
  'enable_hashjoin',
  'enable_mergejoin',
  'plan_cache_mode',
  'idle_in_transaction_session_timeout',
];
const asWanted = ['off', 'off', 'off', 'force_generic_plan', '10s'];
const asTheyCome = ['on', 'on', 'on', 'auto', '0'];

const asked = names.map((name) => `current_setting('${name}') AS ${name}`).join(', ');

async function settingsOf(connection: Connection): Promise<unknown[]> {
  const { rows } = await connection.send({ text: `SELECT ${asked}` });
  return Object.values(rows[0] as object);
}

/** The connections that something was sent over, in their order. */
function connectionsUsed(): Set<Connection> {
  const used = new Set<Connection>();
  const { send } = Connection.prototype;
  vi.spyOn(Connection.prototype, 'send').mockImplementation(function (this: Connection, query) {
    used.add(this);
    return send.call(this, query);
  });
  return used;
}

describe('what the planner of PostgreSQL is told', () => {
  it('holds for the session, and for the next one when that was lost', async () => {
    const used = connectionsUsed();
    const engine = await openPostgres();
    const at = new Desk(engine);
    await at.add();
    const [first] = [...used];
    expect(await settingsOf(first as Connection)).toEqual(asWanted);

    const operator = new pg.Client({ connectionString: await postgresUrl() });
    await operator.connect();
    await operator.query('SELECT pg_terminate_backend($1)', [first?.processId]);
    await operator.end();
    await vi.waitFor(() => expect(first?.isOver).toBe(true));
    await at.add();
    const second = [...used].at(-1) as Connection;

    expect(second).not.toBe(first);
    expect(await settingsOf(second)).toEqual(asWanted);
    await engine.close();
  });

  it('holds for each transaction, and no longer, where others have the same session', async () => {
    const schema = freshSchema();
    const listener = { onLost: () => {} };
    const attempt = { signal: new AbortController().signal, isHeld: true };
    const url = await postgresUrl();
    const connection = await Connection.open(url, 5_000, listener, attempt);
    // As PgBouncer does: the process that it names is not that of the server.
    Object.defineProperty(connection, 'processId', { value: 1 });
    await prepare(connection, { url, schema, connectWithinMs: 5_000 });
    const session = new Session(connection, new Statements(schema), new ServerClock());

    const [row, committed] = session.transact(() => session.row(`SELECT ${asked}`));
    expect(Object.values((await row) as object)).toEqual(asWanted);
    expect(await committed).toBe('COMMIT');
    expect(await settingsOf(connection)).toEqual(asTheyCome);
    await session.begin();
    expect(await settingsOf(connection)).toEqual(asWanted);
    await session.command('COMMIT');
    expect(await settingsOf(connection)).toEqual(asTheyCome);
    await connection.end();
  });

  it('does not include how to read the history', async () => {
    const modes: unknown[] = [];
    const { send } = Connection.prototype;
    vi.spyOn(Connection.prototype, 'send').mockImplementation(function (this: Connection, query) {
      const sent = send.call(this, query);
      if (query.text.includes('FROM "') && query.text.includes('.history')) {
        modes.push(send.call(this, { text: 'SHOW plan_cache_mode' }).then(({ rows }) => rows[0]));
      }
      return sent;
    });
    const engine = await openPostgres();
    const query = { system: 'app', path: 'app', before: null, limit: 10 };
    expect(await engine.submit([['history.read', query]])).toEqual([[]]);

    expect(await Promise.all(modes)).toEqual([{ plan_cache_mode: 'auto' }]);
    await engine.close();
  });
});
