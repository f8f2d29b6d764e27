import type { Connection } from './connection.ts';
import type { Query, QueryResult } from './driver.ts';
import { Outlook } from './jobs/outlook.ts';
import { channelOf } from './listener.ts';
import { Notifier } from './notifier.ts';
import type { ServerClock } from './server-clock.ts';
import { beginOf } from './settings.ts';

/** What a statement may be given. */
type Value = string | number | boolean | null | readonly string[] | readonly number[];
type Values = Readonly<Record<string, Value>>;

/** Statements as they are sent: `:name` is a value, `$schema` is where the tables are. */
export class Statements {
  readonly schema: string;
  readonly #known = new Map<string, { name: string; text: string; values: readonly string[] }>();

  constructor(schema: string) {
    this.schema = schema;
  }

  of(sql: string) {
    const known = this.#known.get(sql);
    if (known) return known;
    const values: string[] = [];
    const text = sql
      .replaceAll('$schema', `"${this.schema}"`)
      // Not the second colon of a cast.
      .replaceAll(/(?<!:):([a-z]\w*)/gi, (_, name: string) => {
        if (!values.includes(name)) values.push(name);
        return `$${values.indexOf(name) + 1}`;
      });
    const made = { name: `daruma_${this.#known.size + 1}`, text, values };
    this.#known.set(sql, made);
    return made;
  }
}

/** A statement that is sent with others. */
interface Held {
  readonly query: Query;
  readonly answer: PromiseWithResolvers<QueryResult>;
}

/**
 * A connection as operations see it. A statement is sent when the method is called, not when its
 * promise is awaited: several can be under way, and the server does them in their order.
 */
export class Session {
  readonly connection: Connection;
  readonly outlook = new Outlook();
  readonly notifier = new Notifier((queues) => this.#notify(queues));
  readonly #statements: Statements;
  readonly #clock: ServerClock;
  /** Statements that are not sent by themselves. */
  #held: Held[] | undefined;

  constructor(connection: Connection, statements: Statements, clock: ServerClock) {
    this.connection = connection;
    this.#statements = statements;
    this.#clock = clock;
  }

  async rows<Row = Readonly<Record<string, unknown>>>(
    sql: string,
    values: Values = {},
  ): Promise<readonly Row[]> {
    return (await this.#send(sql, values)).rows as readonly Row[];
  }

  async row<Row = Readonly<Record<string, unknown>>>(
    sql: string,
    values: Values = {},
  ): Promise<Row | undefined> {
    return (await this.rows<Row>(sql, values))[0];
  }

  /** How many rows it changed. */
  async run(sql: string, values: Values = {}): Promise<number> {
    return (await this.#send(sql, values)).rowCount ?? 0;
  }

  /** `BEGIN` and the like; resolves with what was done, which may be another thing. */
  async command(text: string): Promise<string> {
    return (await this.connection.send({ text })).command;
  }

  begin(): Promise<string> {
    return this.command(beginOf(this.connection));
  }

  /**
   * One transaction of all statements that are sent before `call` returns. One alone is a transaction
   * by itself. The promise is that of the commit; it may be rejected with what a statement is.
   */
  transact<Result>(call: () => Result): readonly [Result, Promise<string>] {
    const held: Held[] = [];
    this.#held = held;
    try {
      const result = call();
      return [result, this.#commit(held)];
    } finally {
      this.#held = undefined;
    }
  }

  /** A moment on the clock of this machine, as the server has it. */
  toServer<Time extends number | null>(time: Time): Time {
    return this.#clock.toServer(time);
  }

  toLocal<Time extends number | null>(time: Time): Time {
    return this.#clock.toLocal(time);
  }

  #notify(queues: readonly string[]): void {
    const channel = channelOf(this.#statements.schema);
    const sql = 'SELECT pg_notify(:channel, queue) FROM unnest(:queues::text[]) AS queue';
    // Whoever is not told looks by itself.
    this.run(sql, { channel, queues }).catch(() => {});
  }

  #send(sql: string, given: Values): Promise<QueryResult> {
    const { name, text, values } = this.#statements.of(sql);
    const query = { name, text, values: values.map((value) => given[value]) };
    if (!this.#held) return this.connection.send(query);
    const answer = Promise.withResolvers<QueryResult>();
    this.#held.push({ query, answer });
    return answer.promise;
  }

  async #commit(held: readonly Held[]): Promise<string> {
    const { connection } = this;
    const isOne = held.length === 1 && connection.keepsSettings;
    const begun = isOne ? undefined : connection.send({ text: beginOf(connection) });
    const sent = held.map(({ query, answer }) => {
      const result = connection.send(query);
      result.then(answer.resolve, answer.reject);
      return result;
    });
    const committed = isOne ? undefined : connection.send({ text: 'COMMIT' });
    const all = await Promise.allSettled([begun, ...sent, committed]);
    for (const each of all) if (each.status === 'rejected') throw each.reason;
    return (await committed)?.command ?? 'COMMIT';
  }
}
