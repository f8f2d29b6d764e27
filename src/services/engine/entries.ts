import type { Database, Row } from './database.ts';
import { nextRevision } from './revisions.ts';

/** The entries of one store of one service: no operation sees beyond it. */
export interface StorePlace {
  /** The path of the service. */
  readonly owner: string;
  /** Empty for the one without a name. */
  readonly store: string;
}

export interface EntryPlace extends StorePlace {
  readonly key: string;
}

/** Milliseconds since the epoch; what has expired by then is not there. */
export interface Moment {
  readonly now: number;
}

export interface EntryRow {
  readonly key: string;
  /** JSON. */
  readonly value: string;
}

export interface ListQuery extends StorePlace, Moment {
  readonly prefix: string;
  /** Only keys behind this one; empty: from the first. */
  readonly after: string;
  readonly limit: number;
}

const isOfStore = 'owner = :owner AND store = :store';
const isAlive = '(expires_at IS NULL OR expires_at > :now)';
const isEntry = `${isOfStore} AND key = :key AND ${isAlive}`;

/**
 * What has expired is removed this much later, a few at a time, so that a transaction that began
 * before still finds what was there.
 */
export const sweepAfterMs = 60_000;
export const sweepAtOnce = 10;

export const entryReads = [
  'entries.get',
  'entries.has',
  'entries.list',
  'entries.size',
] as const satisfies readonly (keyof typeof entryOperations)[];

export const entryOperations = {
  'entries.get'(database: Database, place: EntryPlace & Moment): string | undefined {
    const sql = `SELECT value FROM entry WHERE ${isEntry}`;
    return database.get(sql, { ...place })?.value as string | undefined;
  },

  'entries.has'(database: Database, place: EntryPlace & Moment): boolean {
    return database.get(`SELECT 1 FROM entry WHERE ${isEntry}`, { ...place }) !== undefined;
  },

  /** In the order of their keys as UTF-8. */
  'entries.list'(database: Database, query: ListQuery): EntryRow[] {
    const { limit, prefix, ...values } = query;
    const found: EntryRow[] = [];
    const rows = database.iterate(
      `SELECT key, value FROM entry
       WHERE ${isOfStore} AND key >= max(:prefix, :after) AND key > :after AND ${isAlive}
       ORDER BY key`,
      { ...values, prefix },
    );
    for (const row of rows) {
      const { key, value } = row as Row & EntryRow;
      // Keys with the same beginning stand together.
      if (!key.startsWith(prefix)) break;
      if (found.push({ key, value }) === limit) break;
    }
    return found;
  },

  'entries.size'(database: Database, place: StorePlace & Moment): number {
    const sql = `SELECT count(*) AS size FROM entry WHERE ${isOfStore} AND ${isAlive}`;
    return Number(database.get(sql, { ...place })?.size);
  },

  'entries.set'(
    database: Database,
    entry: EntryPlace & Moment & { readonly value: string; readonly expiresAt: number | null },
  ): void {
    const { now, ...values } = entry;
    database.run(
      `INSERT INTO entry (owner, store, key, value, expires_at)
       VALUES (:owner, :store, :key, :value, :expiresAt)
       ON CONFLICT (owner, store, key)
       DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
      values,
    );
    nextRevision(database, entry.owner);
    if (entry.expiresAt !== null) sweep(database, now);
  },

  /** Whether it was there. */
  'entries.delete'(database: Database, place: EntryPlace & Moment): boolean {
    const isThere = database.run(`DELETE FROM entry WHERE ${isEntry}`, { ...place }) > 0;
    if (isThere) nextRevision(database, place.owner);
    return isThere;
  },

  /** How many there were. */
  'entries.clear'(database: Database, { now, ...place }: StorePlace & Moment): number {
    const size = entryOperations['entries.size'](database, { ...place, now });
    database.run(`DELETE FROM entry WHERE ${isOfStore}`, place);
    if (size > 0) nextRevision(database, place.owner);
    return size;
  },
};

/** Those who write entries that expire clear away after each other. */
function sweep(database: Database, now: number): void {
  database.run(
    `DELETE FROM entry WHERE id IN
       (SELECT id FROM entry WHERE expires_at <= :before ORDER BY expires_at LIMIT ${sweepAtOnce})`,
    { before: now - sweepAfterMs },
  );
}
