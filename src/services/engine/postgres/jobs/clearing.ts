import type { ClaimQuery, LostAttempt } from '../../job-rows.ts';
import { lostError } from '../../jobs/lost.ts';
import type { Session } from '../session.ts';
import { moving } from './moving.ts';

/** What whoever claims clears away first. Others who do the same meanwhile are left alone. */

export const mostDueAtOnce = 1_000;
const mostLostAtOnce = 1_000;
const fewestForgottenAtOnce = 20;

/** Once a second; and as long as there are more, at every claim: more of them than it can add. */
export async function forget(session: Session, { now, limit }: ClaimQuery): Promise<void> {
  if (!session.outlook.mayHaveForgettable(now)) return;
  const most = fewestForgottenAtOnce + 2 * limit;
  const forgotten = await session.run(
    `DELETE FROM $schema.job WHERE seq IN
       (SELECT seq FROM $schema.job WHERE forget_at <= :now ORDER BY forget_at
        LIMIT :most FOR UPDATE SKIP LOCKED)`,
    { now, most },
  );
  if (forgotten < most) session.outlook.noteCleared(now);
}

/** How many there were. */
export async function makeDueReady(session: Session, queue: string, now: number): Promise<number> {
  if (!session.outlook.mayHaveDue(queue, now)) return 0;
  return await session.run(
    `UPDATE $schema.job SET state = 'ready', ready_at = due_at, due_at = NULL WHERE seq IN
       (SELECT seq FROM $schema.job WHERE queue = :queue AND state = 'scheduled' AND due_at <= :now
          AND NOT EXISTS (SELECT FROM $schema.paused_queue WHERE queue = :queue)
        ORDER BY due_at LIMIT ${mostDueAtOnce} FOR UPDATE SKIP LOCKED)`,
    { queue, now },
  );
}

export async function takeBackLost(
  session: Session,
  { queue, now, keepDeadMs }: ClaimQuery,
): Promise<readonly LostAttempt[]> {
  if (!session.outlook.mayHaveLost(queue, now)) return [];
  const { name, whatTheHolderDid } = lostError;
  return await session.rows<LostAttempt>(
    `WITH lost AS (
       SELECT seq, id, queue, key, attempt, holder,
         CASE WHEN is_cancelling THEN 'cancelled' WHEN attempt >= max_attempts THEN 'dead'
           ELSE 'ready' END AS next
       FROM $schema.job WHERE queue = :queue AND state = 'active' AND lease_until <= :now
       ORDER BY lease_until LIMIT ${mostLostAtOnce} FOR UPDATE SKIP LOCKED
     ),
     moved AS (
       SELECT seq, queue, key, attempt, next, :now::bigint AS now, :keepDeadMs::bigint AS keep_ms,
         NULL::bigint AS due_at, NULL AS result,
         json_build_object('name', :name::text,
           'message', holder || ' ' || :whatTheHolderDid)::text AS error,
         CASE WHEN next = 'dead' THEN 'lost' END AS reason
       FROM lost
     ),
     ${moving}
     SELECT id, attempt, next AS state FROM lost`,
    { queue, now, keepDeadMs, name, whatTheHolderDid },
  );
}
