import { EngineError } from '../engine.ts';
import type { PostgresFacts } from '../postgres/address.ts';
import { Connection } from '../postgres/connection.ts';
import { failureOf } from '../postgres/failures.ts';
import { prepare } from '../postgres/prepare.ts';
import { ServerClock } from '../postgres/server-clock.ts';
import { Session, Statements } from '../postgres/session.ts';
import { type Row, rowsAtOnce, type Side, type Table, tables } from './tables.ts';

const cursor = 'moving';

/** Tables of a PostgreSQL server. Nobody else uses them meanwhile. */
export class PostgresSide implements Side {
  readonly #session: Session;
  readonly #schema: string;

  private constructor(session: Session, schema: string) {
    this.#session = session;
    this.#schema = schema;
  }

  /** @throws EngineError */
  static async open(facts: PostgresFacts): Promise<PostgresSide> {
    const attempt = { signal: new AbortController().signal, isHeld: true };
    const listener = { onLost: () => {} };
    let connection: Connection | undefined;
    try {
      connection = await Connection.open(facts.url, facts.connectWithinMs, listener, attempt);
      await prepare(connection, facts);
      const session = new Session(connection, new Statements(facts.schema), new ServerClock());
      await session.command('BEGIN');
      const all = tables.map(({ name }) => `$schema.${name}`).join(', ');
      await session.run(`LOCK TABLE ${all} IN EXCLUSIVE MODE`);
      return new PostgresSide(session, facts.schema);
    } catch (error) {
      connection?.destroy();
      throw new EngineError(failureOf(error, facts));
    }
  }

  async *read({ name, columns, order }: Table): AsyncIterable<readonly Row[]> {
    await this.#session.run(
      `DECLARE ${cursor} CURSOR FOR SELECT ${columns.join(', ')} FROM $schema.${name}
       ORDER BY ${order.join(', ')}`,
    );
    for (;;) {
      const rows = await this.#session.rows<Row>(`FETCH ${rowsAtOnce} FROM ${cursor}`);
      if (rows.length === 0) break;
      yield rows;
    }
    await this.#session.run(`CLOSE ${cursor}`);
  }

  async countOf({ name }: Table): Promise<number> {
    const sql = `SELECT count(*) AS rows FROM $schema.${name}`;
    return Number((await this.#session.row(sql))?.rows);
  }

  async write({ name, columns, isCounted }: Table, rows: readonly Row[]): Promise<void> {
    const list = columns.join(', ');
    await this.#session.run(
      `INSERT INTO $schema.${name} (${list}) ${isCounted ? 'OVERRIDING SYSTEM VALUE' : ''}
       SELECT ${list} FROM json_populate_recordset(NULL::$schema.${name}, :rows::json)`,
      { rows: JSON.stringify(rows) },
    );
    if (!isCounted) return;
    await this.#session.rows(
      `SELECT setval(pg_get_serial_sequence(:name, 'seq'), (SELECT max(seq) FROM $schema.${name}))`,
      { name: `${this.#schema}.${name}` },
    );
  }

  async commit(): Promise<void> {
    await this.#session.command('COMMIT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.connection.end();
  }
}
