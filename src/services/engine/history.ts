import type { Database } from './database.ts';

/** What happened to a system, kept beside what it stores. */

export interface HistoryEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly path: string;
  /** JSON. */
  readonly event: string;
}

export interface HistoryAppend {
  /** The name of the root. */
  readonly system: string;
  /** One life of one process. */
  readonly run: string;
  readonly entries: readonly HistoryEntry[];
  /** Older entries are forgotten, a few for each that is added. null: none. */
  readonly forgetBefore: number | null;
}

export interface HistoryQuery {
  readonly system: string;
  /** Of this place and all below it. */
  readonly path: string;
  /** Only what is older than this number; null: from the latest on. */
  readonly before: number | null;
  readonly limit: number;
}

export interface HistoryRow extends HistoryEntry {
  /** Grows with every entry of the file. */
  readonly seq: number;
  readonly run: string;
}

export const forgottenForEach = 2;

export const historyReads = [
  'history.read',
] as const satisfies readonly (keyof typeof historyOperations)[];

export const historyOperations = {
  'history.append'(
    database: Database,
    { system, run, entries, forgetBefore }: HistoryAppend,
  ): void {
    for (const entry of entries) {
      database.run(
        `INSERT INTO history (system, run, at, path, event)
         VALUES (:system, :run, :at, :path, :event)`,
        { system, run, ...entry },
      );
    }
    if (forgetBefore === null) return;
    database.run(
      `DELETE FROM history WHERE seq IN (SELECT seq FROM history
         WHERE system = :system AND at < :forgetBefore ORDER BY at LIMIT :limit)`,
      { system, forgetBefore, limit: forgottenForEach * entries.length },
    );
  },

  /** The latest first. */
  'history.read'(database: Database, { path, limit, ...query }: HistoryQuery): HistoryRow[] {
    const rows = database.iterate(
      `SELECT seq, run, at, path, event FROM history
       WHERE system = :system AND seq < coalesce(:before, 9223372036854775807)
         AND (path = :path OR (path > :path || '/' AND path < :path || '0'))
       ORDER BY seq DESC LIMIT :limit`,
      { ...query, path, limit },
    );
    return [...rows] as unknown as HistoryRow[];
  },
};
