import type { ArgsOf } from '../../engine.ts';
import type { JobRow, JobState, QueueCounts } from '../../job-rows.ts';
import { listed, newTally, type Tally } from '../../jobs/queries.ts';
import type { Session } from '../session.ts';

export const queryOperations = {
  async 'jobs.get'(session: Session, { queue, id }: ArgsOf<'jobs.get'>): Promise<JobRow | null> {
    const sql = `SELECT ${columns} FROM $schema.job WHERE queue = :queue AND id = :id`;
    const row = await session.row<JobRow>(sql, { queue, id });
    return row ? jobOf(session, row) : null;
  },

  async 'jobs.list'(
    session: Session,
    { state, ...values }: ArgsOf<'jobs.list'>,
  ): Promise<JobRow[]> {
    const rows = await session.rows<JobRow>(
      `SELECT ${columns} FROM $schema.job WHERE queue = :queue AND ${listed[state]}
       LIMIT :limit OFFSET :offset`,
      values,
    );
    return rows.map((row) => jobOf(session, row));
  },

  async 'jobs.counts'(
    session: Session,
    { now: localNow, queue }: ArgsOf<'jobs.counts'>,
  ): Promise<QueueCounts[]> {
    const now = session.toServer(localNow);
    const ofQueue = queue === null ? '' : 'AND queue = :queue';
    const values = { queue, since: now - 60_000 };
    // One part for each index that has it.
    const waiting = (['ready', 'scheduled', 'active', 'held'] as const).map(
      (state) => `SELECT queue, '${state}' AS state, count(*) AS jobs,
          ${state === 'ready' ? 'min(ready_at)' : 'NULL'} AS oldest, NULL::bigint AS lately
        FROM $schema.job WHERE state = '${state}' ${ofQueue} GROUP BY queue`,
    );
    const ended = `SELECT queue, state, count(*), NULL, count(*) FILTER (WHERE ended_at > :since)
      FROM $schema.job WHERE ended_at IS NOT NULL ${ofQueue} GROUP BY queue, state`;
    const [counted, paused] = await Promise.all([
      session.rows<Counted>([...waiting, ended].join(' UNION ALL '), values),
      session.rows<{ queue: string }>(
        `SELECT queue FROM $schema.paused_queue WHERE true ${ofQueue}`,
        values,
      ),
    ]);
    const tallies = new Map<string, Tally>();
    const tally = (name: string) => {
      const known = tallies.get(name) ?? newTally(name);
      tallies.set(name, known);
      return known;
    };
    if (queue !== null) tally(queue);
    for (const { queue: name, state, jobs, oldest, lately } of counted) {
      const found = tally(name);
      found.states[state] = jobs;
      if (oldest !== null) found.oldestReadyMs = Math.max(0, now - oldest);
      if (state === 'completed') found.completedLastMinute = Number(lately);
      if (state === 'dead') found.deadLastMinute = Number(lately);
    }
    for (const { queue: name } of paused) tally(name).isPaused = true;
    return [...tallies.values()].sort((one, other) => (one.queue < other.queue ? -1 : 1));
  },
};

interface Counted {
  readonly queue: string;
  readonly state: JobState;
  readonly jobs: number;
  readonly oldest: number | null;
  readonly lately: number | null;
}

const columns = `id, queue, state, payload, priority, key, idempotency_key AS "idempotencyKey",
  workspace_id AS "workspaceId", trigger, attempt, fence, max_attempts AS "maxAttempts",
  added_at AS "addedAt", due_at AS "dueAt", started_at AS "startedAt", ended_at AS "endedAt", holder,
  is_cancelling AS "isCancelling", progress, result, error, reason`;

function jobOf(session: Session, row: JobRow): JobRow {
  return {
    ...row,
    addedAt: session.toLocal(row.addedAt),
    dueAt: session.toLocal(row.dueAt),
    startedAt: session.toLocal(row.startedAt),
    endedAt: session.toLocal(row.endedAt),
  };
}
