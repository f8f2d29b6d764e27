import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

type Values = Readonly<Record<string, SQLInputValue>>;
export type Row = Readonly<Record<string, unknown>>;

/** A connection that prepares each statement once. */
export class Database {
  readonly connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(connection: DatabaseSync) {
    this.connection = connection;
  }

  get isTransaction(): boolean {
    return this.connection.isTransaction;
  }

  /** How many rows it changed. */
  run(sql: string, values: Values = {}): number {
    return Number(this.#prepared(sql).run(values).changes);
  }

  get(sql: string, values: Values = {}): Row | undefined {
    return this.#prepared(sql).get(values);
  }

  /** Row by row: who has seen enough stops asking. */
  iterate(sql: string, values: Values = {}): Iterable<Row> {
    return this.#prepared(sql).iterate(values);
  }

  close(): void {
    this.#statements.clear();
    this.connection.close();
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const made = this.connection.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }
}

/** A connection to a file, or with ':memory:' to nothing that outlives it. */
export function connect(file: string, busyTimeoutMs: number): DatabaseSync {
  // Looked up when it is needed: a program that stores nothing does not load SQLite.
  const { DatabaseSync: Connection } = process.getBuiltinModule('node:sqlite');
  return new Connection(file, { timeout: busyTimeoutMs });
}
