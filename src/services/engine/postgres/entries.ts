import type { ArgsOf } from '../engine.ts';
import {
  type EntryPlace,
  type EntryRow,
  type Moment,
  type StorePlace,
  sweepAfterMs,
  sweepAtOnce,
} from '../entries.ts';
import type { Session } from './session.ts';

const isOfStore = 'owner = :owner AND store = :store';
const isAlive = '(expires_at IS NULL OR expires_at > :now::bigint)';
const isEntry = `${isOfStore} AND key = :key AND ${isAlive}`;

export const entryOperations = {
  async 'entries.get'(session: Session, args: ArgsOf<'entries.get'>) {
    const sql = `SELECT value FROM $schema.entry WHERE ${isEntry}`;
    return (await session.row<EntryRow>(sql, momentOf(session, args)))?.value;
  },

  async 'entries.has'(session: Session, args: ArgsOf<'entries.has'>) {
    const sql = `SELECT FROM $schema.entry WHERE ${isEntry}`;
    return (await session.row(sql, momentOf(session, args))) !== undefined;
  },

  async 'entries.list'(session: Session, { limit, prefix, ...args }: ArgsOf<'entries.list'>) {
    const end = endOf(prefix);
    const rows = await session.rows<EntryRow>(
      `SELECT key, value FROM $schema.entry
       WHERE ${isOfStore} AND key >= :prefix AND key > :after ${end === undefined ? '' : 'AND key < :end'}
         AND ${isAlive}
       ORDER BY key LIMIT :limit`,
      { ...momentOf(session, args), prefix, limit, end: end ?? null },
    );
    return [...rows];
  },

  async 'entries.size'(session: Session, args: ArgsOf<'entries.size'>) {
    const sql = `SELECT count(*) AS size FROM $schema.entry WHERE ${isOfStore} AND ${isAlive}`;
    return Number((await session.row(sql, momentOf(session, args)))?.size);
  },

  async 'entries.set'(session: Session, { now, expiresAt, ...entry }: ArgsOf<'entries.set'>) {
    const setting = session.run(
      `WITH moved AS (
         INSERT INTO $schema.revision (owner, revision) VALUES (:owner, 1)
         ON CONFLICT (owner) DO UPDATE SET revision = revision.revision + 1
       )
       INSERT INTO $schema.entry (owner, store, key, value, expires_at)
       VALUES (:owner, :store, :key, :value, :expiresAt)
       ON CONFLICT (owner, store, key)
       DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
      { ...entry, expiresAt: session.toServer(expiresAt) },
    );
    const swept = expiresAt === null ? undefined : sweep(session, session.toServer(now));
    await Promise.all([setting, swept]);
  },

  async 'entries.delete'(session: Session, args: ArgsOf<'entries.delete'>) {
    const row = await session.row(
      `WITH gone AS (DELETE FROM $schema.entry WHERE ${isEntry} RETURNING owner), ${moved}
       SELECT count(*) AS gone FROM gone`,
      momentOf(session, args),
    );
    return Number(row?.gone) > 0;
  },

  async 'entries.clear'(session: Session, args: ArgsOf<'entries.clear'>) {
    const row = await session.row(
      `WITH cleared AS (DELETE FROM $schema.entry WHERE ${isOfStore} RETURNING owner, ${isAlive} AS is_alive),
       gone AS (SELECT owner FROM cleared WHERE is_alive), ${moved}
       SELECT count(*) AS gone FROM gone`,
      momentOf(session, args),
    );
    return Number(row?.gone);
  },
};

/** Where something is gone, the revision of its owner moves on. */
const moved = `moved AS (
  INSERT INTO $schema.revision (owner, revision) SELECT DISTINCT owner, 1 FROM gone
  ON CONFLICT (owner) DO UPDATE SET revision = revision.revision + 1
)`;

function momentOf(session: Session, { now, ...place }: (StorePlace | EntryPlace) & Moment) {
  return { ...place, now: session.toServer(now) };
}

/** The first text that is behind all that begin with this one, byte by byte. */
function endOf(prefix: string): string | undefined {
  const points = [...prefix].map((text) => text.codePointAt(0) as number);
  for (let point = points.pop(); point !== undefined; point = points.pop()) {
    if (point === 0x10ffff) continue;
    // What UTF-16 needs for pairs is no text by itself.
    const next = point === 0xd7ff ? 0xe000 : point + 1;
    return String.fromCodePoint(...points, next);
  }
  return undefined;
}

async function sweep(session: Session, now: number): Promise<void> {
  await session.run(
    `DELETE FROM $schema.entry WHERE (owner, store, key) IN
       (SELECT owner, store, key FROM $schema.entry WHERE expires_at <= :before
        ORDER BY expires_at LIMIT ${sweepAtOnce} FOR UPDATE SKIP LOCKED)`,
    { before: now - sweepAfterMs },
  );
}
