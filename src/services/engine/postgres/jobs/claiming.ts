import type { ClaimAnswer, Claimed, ClaimQuery } from '../../job-rows.ts';
import type { Session } from '../session.ts';
import { forget, makeDueReady, mostDueAtOnce, takeBackLost } from './clearing.ts';
import { pickWithinLimits } from './limits.ts';
import { allowance, noteClaims } from './rate.ts';

export const claimingOperations = {
  'jobs.claim': (session: Session, query: ClaimQuery) => claim(session, query, pick),
};

type Pick = (session: Session, query: ClaimQuery) => Promise<readonly Claimed[]>;

/** @param pickJobs how the jobs are had of a queue without limits */
export async function claim(
  session: Session,
  query: ClaimQuery,
  pickJobs: Pick,
): Promise<ClaimAnswer> {
  const serverQuery = { ...query, now: session.toServer(query.now) };
  const answer = hasLimits(query)
    ? await claimWithinLimits(session, serverQuery)
    : await claimPlainly(session, serverQuery, pickJobs);
  return {
    ...answer,
    jobs: answer.jobs.map((job) => ({
      ...job,
      addedAt: session.toLocal(job.addedAt),
      readyAt: session.toLocal(job.readyAt),
    })),
    nextAt: session.toLocal(answer.nextAt),
  };
}

/** Whether there is nothing to be done for it but to pick jobs. */
export function isMerePick(session: Session, query: ClaimQuery): boolean {
  const now = session.toServer(query.now);
  const { outlook } = session;
  const isKnown = outlook.needsOnlyJobs(query.queue, now) && !outlook.mayHaveForgettable(now);
  return isKnown && !hasLimits(query);
}

function hasLimits({ perKey, rate }: ClaimQuery): boolean {
  return perKey !== null || rate !== null;
}

/** All statements at once: none needs to know what another one found. */
async function claimPlainly(
  session: Session,
  query: ClaimQuery,
  pickJobs: Pick,
): Promise<ClaimAnswer> {
  const { queue, now, limit, leaseMs } = query;
  const isLook = !session.outlook.needsOnlyJobs(queue, now);
  const [, lost, due, jobs, seen] = await Promise.all([
    forget(session, query),
    takeBackLost(session, query),
    makeDueReady(session, queue, now),
    pickJobs(session, query),
    isLook ? look(session, query) : undefined,
  ]);
  const isFull = jobs.length === limit;
  if (!seen && isFull) {
    session.outlook.noteClaim(queue, now + leaseMs);
    // Nobody has looked whether there are more.
    return { jobs, lost, isPaused: false, nextAt: now };
  }
  const view = seen ?? (await look(session, query));
  session.outlook.note(queue, now, view, isFull);
  // What is ready beyond those that were picked is just being claimed by somebody else.
  const hasMore = due === mostDueAtOnce || (view.hasReady && isFull);
  return answerOf(view, lost, jobs, hasMore ? now : null);
}

/** With the lock of the queue, as others must not claim meanwhile. */
async function claimWithinLimits(session: Session, query: ClaimQuery): Promise<ClaimAnswer> {
  const { queue, now } = query;
  const [, lost, due, before, rate] = await Promise.all([
    forget(session, query),
    takeBackLost(session, query),
    makeDueReady(session, queue, now),
    look(session, query),
    allowance(session, query),
  ]);
  if (before.isPaused) return answerOf(before, lost, [], null);
  const limit = Math.min(query.limit, rate.left);
  const { jobs, isStopped } = await pickWithinLimits(session, query, limit);
  const [view] = await Promise.all([look(session, query), noteClaims(session, query, jobs.length)]);
  session.outlook.note(queue, now, view, false);
  if (due === mostDueAtOnce || isStopped) return answerOf(view, lost, jobs, now);
  const hasMore = view.hasReady && jobs.length === limit;
  const moreAt = rate.left <= jobs.length ? rate.moreAt : now;
  return answerOf(view, lost, jobs, hasMore ? moreAt : null);
}

interface View {
  readonly isPaused: boolean;
  readonly hasReady: boolean;
  readonly leaseEndsAt: number | null;
  readonly dueAt: number | null;
}

async function look(session: Session, { queue }: ClaimQuery): Promise<View> {
  const row = await session.row<View>(
    `SELECT EXISTS (SELECT FROM $schema.paused_queue WHERE queue = :queue) AS "isPaused",
       EXISTS (SELECT FROM $schema.job WHERE queue = :queue AND state = 'ready') AS "hasReady",
       (SELECT min(lease_until) FROM $schema.job
        WHERE queue = :queue AND state = 'active') AS "leaseEndsAt",
       (SELECT min(due_at) FROM $schema.job
        WHERE queue = :queue AND state = 'scheduled') AS "dueAt"`,
    { queue },
  );
  return row as View;
}

function answerOf(
  { isPaused, leaseEndsAt, dueAt }: View,
  lost: ClaimAnswer['lost'],
  jobs: readonly Claimed[],
  moreAt: number | null,
): ClaimAnswer {
  const times = isPaused ? [leaseEndsAt] : [leaseEndsAt, dueAt, moreAt];
  const known = times.filter((time) => time !== null);
  return { jobs, lost, isPaused, nextAt: known.length === 0 ? null : Math.min(...known) };
}

async function pick(session: Session, query: ClaimQuery): Promise<readonly Claimed[]> {
  const rows = await session.rows<ClaimedRow>(
    `WITH ${mostUrgent} ${activatePicked}`,
    pickValues(query),
  );
  return inOrder(rows);
}

export function pickValues({ queue, now, leaseMs, holder, limit }: ClaimQuery) {
  return { queue, now, leaseUntil: now + leaseMs, holder, limit };
}

/** As `picked`. */
export const mostUrgent = `picked AS (
    SELECT seq FROM $schema.job
    WHERE queue = :queue AND state = 'ready'
      AND NOT EXISTS (SELECT FROM $schema.paused_queue WHERE queue = :queue)
    ORDER BY priority DESC, seq LIMIT :limit FOR UPDATE SKIP LOCKED
  )`;

interface ClaimedRow extends Claimed {
  readonly seq: number;
}

/** To be put behind `picked`, with their seq. */
export const activatePicked = `UPDATE $schema.job SET state = 'active', attempt = attempt + 1,
    fence = fence + 1, holder = :holder, started_at = :now, lease_until = :leaseUntil, progress = NULL
  FROM picked WHERE job.seq = picked.seq
  RETURNING job.seq, id, payload, priority, key, workspace_id AS "workspaceId", trigger, traceparent,
    attempt, max_attempts AS "maxAttempts", fence, added_at AS "addedAt", ready_at AS "readyAt"`;

/** What an update returns has no order. */
export function inOrder(rows: readonly ClaimedRow[]): Claimed[] {
  return [...rows]
    .sort((one, other) => other.priority - one.priority || one.seq - other.seq)
    .map(({ seq: _, ...job }) => job);
}

export type { ClaimedRow };
