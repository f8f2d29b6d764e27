import type { Database } from '../database.ts';
import type { PerKey } from '../job-rows.ts';

/** What a job and others with its key have to do with each other. */

export interface Keyed {
  readonly seq: number;
  readonly queue: string;
  readonly key: string | null;
}

/**
 * Whether a job must wait for others with its key. The first of an ordered key may be held itself, as
 * whoever was let in before it came later: then it is let in.
 */
export function isHeldBack(database: Database, now: number, job: Keyed, perKey: PerKey): boolean {
  const { seq, queue, key } = job;
  if (key === null || perKey === null) return false;
  if (perKey !== 'fifo') return activeOf(database, queue, key) >= perKey;
  const first = database.get(
    `SELECT seq FROM job WHERE queue = :queue AND key = :key AND ended_at IS NULL
     ORDER BY seq LIMIT 1`,
    { queue, key },
  );
  const isFirst = Number(first?.seq) === seq;
  // One that came back from the dead may be before one that runs.
  if (isFirst && activeOf(database, queue, key) === 0) return false;
  if (!isFirst) letIn(database, now, Number(first?.seq));
  return true;
}

/** After one of them was claimed: whether another still could be. */
export function letInBeside(database: Database, now: number, job: Keyed, perKey: PerKey): void {
  const { queue, key } = job;
  if (key === null || typeof perKey !== 'number') return;
  if (activeOf(database, queue, key) < perKey) letInNext(database, now, job);
}

/** One of them runs no longer, or never will: the next may be looked at. */
export function letInNext(database: Database, now: number, { queue, key }: Keyed): void {
  if (key === null) return;
  const next = database.get(
    `SELECT seq FROM job WHERE queue = :queue AND key = :key AND state = 'held'
     ORDER BY priority DESC, seq LIMIT 1`,
    { queue, key },
  );
  if (next) letIn(database, now, Number(next.seq));
}

export function hold(database: Database, { seq }: Keyed): void {
  database.run(`UPDATE job SET state = 'held' WHERE seq = :seq`, { seq });
}

function letIn(database: Database, now: number, seq: number): void {
  database.run(
    `UPDATE job SET state = 'ready', ready_at = :now WHERE seq = :seq AND state = 'held'`,
    { now, seq },
  );
}

function activeOf(database: Database, queue: string, key: string): number {
  const row = database.get(
    `SELECT count(*) AS active FROM job WHERE queue = :queue AND key = :key AND state = 'active'`,
    { queue, key },
  );
  return Number(row?.active);
}
