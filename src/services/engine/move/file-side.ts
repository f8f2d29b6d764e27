import { existsSync } from 'node:fs';
import type { SQLInputValue } from 'node:sqlite';
import type { Database } from '../database.ts';
import { type FileFacts, RefusedError } from '../failures.ts';
import { openFile } from '../open-file.ts';
import { type Row, rowsAtOnce, type Side, type Table } from './tables.ts';

/** A SQLite file. Nobody else writes to it meanwhile. */
export class FileSide implements Side {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
    database.run('BEGIN IMMEDIATE');
  }

  /** @throws RefusedError, and whatever SQLite and the file system throw */
  static open(facts: FileFacts, { isThere }: { readonly isThere: boolean }): FileSide {
    if (isThere && !existsSync(facts.file)) throw noFile(facts.file);
    return new FileSide(openFile(facts));
  }

  async *read({ name, columns, order, truths = [] }: Table): AsyncIterable<readonly Row[]> {
    const sql = `SELECT ${columns.join(', ')} FROM ${name} ORDER BY ${order.join(', ')}`;
    let page: Row[] = [];
    for (const found of this.#database.iterate(sql)) {
      const row: Record<string, unknown> = { ...found };
      for (const truth of truths) row[truth] = row[truth] === 1;
      page.push(row);
      if (page.length < rowsAtOnce) continue;
      yield page;
      page = [];
    }
    yield page;
  }

  async countOf({ name }: Table): Promise<number> {
    return Number(this.#database.get(`SELECT count(*) AS rows FROM ${name}`)?.rows);
  }

  async write({ name, columns, truths = [] }: Table, rows: readonly Row[]): Promise<void> {
    const values = columns.map((column) => `:${column}`).join(', ');
    const sql = `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${values})`;
    for (const row of rows) {
      const written: Record<string, unknown> = { ...row };
      for (const truth of truths) written[truth] = row[truth] ? 1 : 0;
      this.#database.run(sql, written as Record<string, SQLInputValue>);
    }
  }

  async commit(): Promise<void> {
    this.#database.run('COMMIT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#database.isTransaction) this.#database.run('ROLLBACK');
    this.#database.close();
  }
}

function noFile(file: string): RefusedError {
  return new RefusedError({
    code: 'DARUMA_STORAGE_UNUSABLE',
    message: `${file} does not exist.`,
    hint: 'Name the file that is to be moved; relative names begin at the folder that you are in.',
  });
}
