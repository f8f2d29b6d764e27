import type { ArgsOf } from '../../engine.ts';
import { RefusedError } from '../../failures.ts';
import type { Settled, Standing } from '../../job-rows.ts';
import { staleClaimFailure } from '../../jobs/settling.ts';
import type { Session } from '../session.ts';
import { moving } from './moving.ts';

/**
 * Said so that the server looks jobs up by their ids. By state it would use the index of what is
 * active, which it takes for empty whenever nothing was active when it last counted.
 */
const isActive = 'job.lease_until IS NOT NULL';

export type SettleArgs = ArgsOf<'jobs.settle'>;

export const settlingOperations = {
  async 'jobs.settle'(session: Session, args: SettleArgs): Promise<Settled> {
    const [settled] = await settleMany(session, [args]);
    return settled ?? null;
  },

  /** Nobody can take the job back before the end of the transaction. */
  async 'jobs.expect'(session: Session, { id, fence }: ArgsOf<'jobs.expect'>): Promise<void> {
    const row = await session.row(
      `SELECT FROM $schema.job WHERE id = :id AND fence = :fence AND ${isActive} FOR UPDATE`,
      { id, fence },
    );
    if (!row) throw new RefusedError(staleClaimFailure);
  },

  async 'jobs.renew'(
    session: Session,
    { now, leaseMs, claims }: ArgsOf<'jobs.renew'>,
  ): Promise<Standing[]> {
    const rows = await session.rows<{ id: string; fence: number; isCancelling: boolean }>(
      `WITH given AS (SELECT * FROM unnest(:ids::text[], :fences::bigint[]) AS given (id, fence)),
       current AS (
         SELECT job.seq FROM $schema.job JOIN given ON job.id = given.id AND job.fence = given.fence
         WHERE ${isActive} ORDER BY job.seq FOR UPDATE OF job
       )
       UPDATE $schema.job SET lease_until = :until FROM current WHERE job.seq = current.seq
       RETURNING id, fence, is_cancelling AS "isCancelling"`,
      {
        ids: claims.map(({ id }) => id),
        fences: claims.map(({ fence }) => fence),
        until: session.toServer(now) + leaseMs,
      },
    );
    const standings = new Map<string, Standing>(
      rows.map(({ id, fence, isCancelling }) => [
        `${fence} ${id}`,
        isCancelling ? 'cancelling' : 'held',
      ]),
    );
    return claims.map(({ id, fence }) => standings.get(`${fence} ${id}`) ?? 'gone');
  },

  async 'jobs.progress'(session: Session, { id, fence, progress }: ArgsOf<'jobs.progress'>) {
    const changes = await session.run(
      `UPDATE $schema.job SET progress = :progress
       WHERE id = :id AND fence = :fence AND ${isActive}`,
      { id, fence, progress },
    );
    return changes > 0;
  },
};

/** Several claims, each of another job. */
export async function settleMany(
  session: Session,
  claims: readonly SettleArgs[],
): Promise<Settled[]> {
  const [plain, others] = [claims.filter(isPlainEnd), claims.filter((each) => !isPlainEnd(each))];
  const rows = await Promise.all([
    plain.length > 0 ? session.rows<SettledRow>(endPlainly, given(session, plain)) : [],
    others.length > 0 ? session.rows<SettledRow>(settle, given(session, others)) : [],
  ]);
  const states = new Map(rows.flat().map(({ id, next }) => [id, next]));
  return claims.map(({ id }) => states.get(id) ?? null);
}

interface SettledRow {
  readonly id: string;
  readonly next: Settled;
}

/** The job is over, and no other one of its key has waited for that. */
export function endsAlone({ key, settlement: { type } }: SettleArgs): boolean {
  return key === null && (type === 'completed' || type === 'dead' || type === 'cancelled');
}

/** Most are: the row of the job changes, and nothing else does. */
export function isPlainEnd(claim: SettleArgs): boolean {
  return endsAlone(claim) && claim.keepMs !== 0;
}

export function given(session: Session, claims: readonly SettleArgs[]) {
  const rows = claims.map(({ id, fence, now, keepMs, settlement }) => ({
    id,
    fence,
    keepMs,
    now: session.toServer(now),
    ...settlement,
  }));
  return { given: JSON.stringify(rows) };
}

const givenRows = `json_to_recordset(:given::json) AS given (id text, fence bigint, type text,
  now bigint, "keepMs" bigint, result text, error text, reason text, "delayMs" bigint)`;
const isCurrent = `job.id = given.id AND job.fence = given.fence AND ${isActive}`;

export const endPlainly = `UPDATE $schema.job SET state = type, lease_until = NULL, ended_at = now,
    forget_at = now + "keepMs", result = given.result, error = coalesce(given.error, job.error),
    reason = given.reason
  FROM ${givenRows}
  WHERE ${isCurrent}
  RETURNING job.id, type AS next`;

const settle = `WITH current AS (
    SELECT job.seq, job.queue, job.key, job.attempt, given.*,
      CASE WHEN type IN ('completed', 'dead', 'cancelled') THEN type
        WHEN is_cancelling THEN 'cancelled'
        WHEN "delayMs" > 0 THEN 'scheduled'
        ELSE 'ready' END AS next
    FROM ${givenRows} JOIN $schema.job ON ${isCurrent}
    ORDER BY job.seq FOR UPDATE OF job
  ),
  moved AS (
    SELECT seq, queue, key, next, now, "keepMs" AS keep_ms, result, error, reason,
      CASE WHEN type = 'released' AND next = 'ready' THEN attempt - 1 ELSE attempt END AS attempt,
      CASE WHEN next = 'scheduled' THEN now + "delayMs" END AS due_at
    FROM current
  ),
  ${moving}
  SELECT id, next FROM current`;
