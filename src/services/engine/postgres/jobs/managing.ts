import type { ArgsOf } from '../../engine.ts';
import type { CancelAnswer } from '../../job-rows.ts';
import type { Session } from '../session.ts';
import { moving } from './moving.ts';

export const managingOperations = {
  async 'jobs.cancel'(
    session: Session,
    { now, queue, id, keepMs }: ArgsOf<'jobs.cancel'>,
  ): Promise<CancelAnswer> {
    const row = await session.row<{ answer: CancelAnswer }>(
      `WITH found AS (
         SELECT seq, queue, key, state, attempt, ended_at FROM $schema.job
         WHERE queue = :queue AND id = :id FOR UPDATE
       ),
       asked AS (
         UPDATE $schema.job SET is_cancelling = true FROM found
         WHERE job.seq = found.seq AND found.state = 'active'
       ),
       moved AS (
         SELECT seq, queue, key, attempt, 'cancelled' AS next, :now::bigint AS now,
           :keepMs::bigint AS keep_ms, NULL::bigint AS due_at, NULL AS result, NULL AS error,
           NULL AS reason
         FROM found WHERE ended_at IS NULL AND state <> 'active'
       ),
       ${moving}
       SELECT CASE WHEN ended_at IS NOT NULL THEN 'over' WHEN state = 'active' THEN 'cancelling'
         ELSE 'cancelled' END AS answer FROM found`,
      { now: session.toServer(now), queue, id, keepMs },
    );
    return row?.answer ?? 'unknown';
  },

  async 'jobs.redrive'(
    session: Session,
    { now, queue, ids, limit }: ArgsOf<'jobs.redrive'>,
  ): Promise<string[]> {
    const which =
      ids === null
        ? 'AND ended_at IS NOT NULL ORDER BY ended_at, seq LIMIT :limit'
        : 'AND id = ANY (:ids::text[])';
    const rows = await session.rows<{ id: string; seq: number; endedAt: number }>(
      `WITH chosen AS (
         SELECT seq, ended_at FROM $schema.job WHERE queue = :queue AND state = 'dead' ${which}
         FOR UPDATE
       )
       UPDATE $schema.job SET state = 'ready', trigger = 'redrive', attempt = 0,
         is_cancelling = false, ready_at = :now, started_at = NULL, ended_at = NULL,
         forget_at = NULL, reason = NULL
       FROM chosen WHERE job.seq = chosen.seq
       RETURNING job.id, job.seq, chosen.ended_at AS "endedAt"`,
      { now: session.toServer(now), queue, ids: ids?.slice(0, limit) ?? [], limit },
    );
    if (ids === null) {
      const byAge = [...rows].sort(
        (one, other) => one.endedAt - other.endedAt || one.seq - other.seq,
      );
      return byAge.map(({ id }) => id);
    }
    const redriven = new Set(rows.map(({ id }) => id));
    return ids.filter((id) => redriven.delete(id));
  },

  async 'jobs.discard'(session: Session, { queue, ids }: ArgsOf<'jobs.discard'>): Promise<number> {
    return await session.run(
      `DELETE FROM $schema.job WHERE queue = :queue AND id = ANY (:ids::text[]) AND state = 'dead'`,
      { queue, ids },
    );
  },

  async 'queues.pause'(
    session: Session,
    { queue, isPaused }: ArgsOf<'queues.pause'>,
  ): Promise<void> {
    const sql = isPaused
      ? 'INSERT INTO $schema.paused_queue (queue) VALUES (:queue) ON CONFLICT DO NOTHING'
      : 'DELETE FROM $schema.paused_queue WHERE queue = :queue';
    await session.run(sql, { queue });
  },
};
