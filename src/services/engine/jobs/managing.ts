import type { Database } from '../database.ts';
import type { CancelAnswer, JobState } from '../job-rows.ts';
import type { Keyed } from './keys.ts';
import { end } from './settling.ts';

export interface CancelArgs {
  readonly now: number;
  readonly queue: string;
  readonly id: string;
  readonly keepMs: number | null;
}

export interface RedriveArgs {
  readonly now: number;
  readonly queue: string;
  /** null: all that are dead, up to the limit, the longest dead first. */
  readonly ids: readonly string[] | null;
  readonly limit: number;
}

/** What somebody does to jobs who does not run them. */
export const managingOperations = {
  'jobs.cancel'(database: Database, { now, queue, id, keepMs }: CancelArgs): CancelAnswer {
    const row = database.get(
      'SELECT seq, queue, key, state, ended_at FROM job WHERE queue = :queue AND id = :id',
      { queue, id },
    ) as unknown as
      | (Keyed & { readonly state: JobState; readonly ended_at: number | null })
      | undefined;
    if (!row) return 'unknown';
    if (row.ended_at !== null) return 'over';
    if (row.state === 'active') {
      database.run('UPDATE job SET is_cancelling = 1 WHERE seq = :seq', { seq: row.seq });
      return 'cancelling';
    }
    const ended = { now, keepMs, result: null, error: null, reason: null };
    end(database, row, { ...ended, state: 'cancelled' });
    return 'cancelled';
  },

  /** Dead jobs may be tried again, as if never tried before, at their old places. Returns their ids. */
  'jobs.redrive'(database: Database, { now, queue, ids, limit }: RedriveArgs): string[] {
    const chosen = (ids ?? oldestDead(database, queue, limit)).slice(0, limit);
    return chosen.filter((id) => {
      const changes = database.run(
        `UPDATE job SET state = 'ready', trigger = 'redrive', attempt = 0, is_cancelling = 0,
           ready_at = :now, started_at = NULL, ended_at = NULL, forget_at = NULL, reason = NULL
         WHERE queue = :queue AND id = :id AND state = 'dead'`,
        { now, queue, id },
      );
      return changes > 0;
    });
  },

  /** Forgets dead ones; returns how many there were. */
  'jobs.discard'(
    database: Database,
    { queue, ids }: { readonly queue: string; readonly ids: readonly string[] },
  ): number {
    const sql = `DELETE FROM job WHERE queue = :queue AND id = :id AND state = 'dead'`;
    return ids.filter((id) => database.run(sql, { queue, id }) > 0).length;
  },

  /** Of a queue that is paused nothing is claimed; what runs goes on. */
  'queues.pause'(
    database: Database,
    { queue, isPaused }: { readonly queue: string; readonly isPaused: boolean },
  ): void {
    const sql = isPaused
      ? 'INSERT INTO paused_queue (queue) VALUES (:queue) ON CONFLICT DO NOTHING'
      : 'DELETE FROM paused_queue WHERE queue = :queue';
    database.run(sql, { queue });
  },
};

function oldestDead(database: Database, queue: string, limit: number): string[] {
  const rows = database.iterate(
    `SELECT id FROM job WHERE queue = :queue AND state = 'dead' AND ended_at IS NOT NULL
     ORDER BY ended_at, seq LIMIT :limit`,
    { queue, limit },
  );
  return [...rows].map(({ id }) => String(id));
}
