import type { Database } from '../database.ts';
import type { ClaimAnswer, Claimed, ClaimQuery, JobTrigger } from '../job-rows.ts';
import { hold, isHeldBack, letInBeside } from './keys.ts';
import { takeBackLost } from './lost.ts';
import { allowance, noteClaims } from './rate.ts';

/** What one claim looks at, at most: it must not hold up the others. */
const mostDueAtOnce = 1_000;
const mostHeldAtOnce = 1_000;
const mostForgottenAtOnce = 20;

interface ReadyRow {
  readonly seq: number;
  readonly id: string;
  readonly queue: string;
  readonly payload: string;
  readonly priority: number;
  readonly key: string | null;
  readonly workspace_id: string | null;
  readonly trigger: JobTrigger;
  readonly traceparent: string | null;
  readonly attempt: number;
  readonly max_attempts: number;
  readonly fence: number;
  readonly added_at: number;
  readonly ready_at: number;
}

export const claimingOperations = {
  /**
   * The most urgent that may run now become active, each with a lease and a fence of its own. Who
   * claims clears away as well: attempts whose lease ran out, and jobs that nobody has to know any
   * more.
   */
  'jobs.claim'(database: Database, query: ClaimQuery): ClaimAnswer {
    const { queue, now } = query;
    forget(database, now);
    const lost = takeBackLost(database, query);
    const isPaused = database.get('SELECT 1 FROM paused_queue WHERE queue = :queue', { queue });
    if (isPaused) {
      return { jobs: [], lost, isPaused: true, nextAt: nextLeaseEnd(database, queue) };
    }
    const hasMoreDue = makeDueReady(database, queue, now);
    const rate = allowance(database, query);
    const jobs: Claimed[] = [];
    const isStopped = pick(database, query, Math.min(query.limit, rate.left), jobs);
    noteClaims(database, query, jobs.length);
    const times = [nextLeaseEnd(database, queue), nextDue(database, queue)];
    if (hasMoreDue || isStopped) times.push(now);
    else if (hasReady(database, queue)) times.push(rate.left <= jobs.length ? rate.moreAt : now);
    return { jobs, lost, isPaused: false, nextAt: earliest(times) };
  },
};

/** Whether it gave up looking, although there may be more. */
function pick(database: Database, query: ClaimQuery, limit: number, jobs: Claimed[]): boolean {
  const { queue, now, perKey } = query;
  let held = 0;
  while (jobs.length < limit) {
    const row = database.get(
      `SELECT seq, id, queue, payload, priority, key, workspace_id, trigger, traceparent, attempt,
         max_attempts, fence, added_at, ready_at
       FROM job WHERE queue = :queue AND state = 'ready' ORDER BY priority DESC, seq LIMIT 1`,
      { queue },
    ) as unknown as ReadyRow | undefined;
    if (!row) return false;
    if (isHeldBack(database, now, row, perKey)) {
      hold(database, row);
      held++;
      if (held === mostHeldAtOnce) return true;
      continue;
    }
    jobs.push(activate(database, query, row));
    letInBeside(database, now, row, perKey);
  }
  return false;
}

function activate(
  database: Database,
  { now, leaseMs, holder }: ClaimQuery,
  row: ReadyRow,
): Claimed {
  const fence = row.fence + 1;
  const attempt = row.attempt + 1;
  database.run(
    `UPDATE job SET state = 'active', attempt = :attempt, fence = :fence, holder = :holder,
       started_at = :now, lease_until = :leaseUntil, progress = NULL
     WHERE seq = :seq`,
    { seq: row.seq, attempt, fence, holder, now, leaseUntil: now + leaseMs },
  );
  return {
    id: row.id,
    payload: row.payload,
    priority: row.priority,
    key: row.key,
    workspaceId: row.workspace_id,
    trigger: row.trigger,
    traceparent: row.traceparent,
    attempt,
    maxAttempts: row.max_attempts,
    fence,
    addedAt: row.added_at,
    readyAt: row.ready_at,
  };
}

/** Whether there are more. */
function makeDueReady(database: Database, queue: string, now: number): boolean {
  const changes = database.run(
    `UPDATE job SET state = 'ready', ready_at = due_at, due_at = NULL WHERE seq IN
       (SELECT seq FROM job WHERE queue = :queue AND state = 'scheduled' AND due_at <= :now
        ORDER BY due_at LIMIT ${mostDueAtOnce})`,
    { queue, now },
  );
  return changes === mostDueAtOnce;
}

function forget(database: Database, now: number): void {
  database.run(
    `DELETE FROM job WHERE seq IN
       (SELECT seq FROM job WHERE forget_at <= :now ORDER BY forget_at LIMIT ${mostForgottenAtOnce})`,
    { now },
  );
}

function hasReady(database: Database, queue: string): boolean {
  const sql = `SELECT 1 FROM job WHERE queue = :queue AND state = 'ready' LIMIT 1`;
  return database.get(sql, { queue }) !== undefined;
}

function nextDue(database: Database, queue: string): number | null {
  const row = database.get(
    `SELECT min(due_at) AS at FROM job WHERE queue = :queue AND state = 'scheduled'`,
    { queue },
  );
  return row?.at as number | null;
}

function nextLeaseEnd(database: Database, queue: string): number | null {
  const row = database.get(
    `SELECT min(lease_until) AS at FROM job WHERE queue = :queue AND state = 'active'`,
    { queue },
  );
  return row?.at as number | null;
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
