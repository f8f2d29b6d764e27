import type { Database, Row } from '../database.ts';
import type { JobQuery, JobRow, JobState, QueueCounts } from '../job-rows.ts';

/** What people and dashboards ask; nothing changes. */

export const queryReads = [
  'jobs.get',
  'jobs.list',
  'jobs.counts',
] as const satisfies readonly (keyof typeof queryOperations)[];

export const queryOperations = {
  'jobs.get'(
    database: Database,
    { queue, id }: { readonly queue: string; readonly id: string },
  ): JobRow | null {
    const sql = `SELECT ${columns} FROM job WHERE queue = :queue AND id = :id`;
    const row = database.get(sql, { queue, id });
    return row ? jobOf(row) : null;
  },

  /** Those that wait in the order in which they come; those that are over, the latest first. */
  'jobs.list'(database: Database, { state, ...values }: JobQuery): JobRow[] {
    const rows = database.iterate(
      `SELECT ${columns} FROM job WHERE queue = :queue AND ${listed[state]}
       LIMIT :limit OFFSET :offset`,
      values,
    );
    return [...rows].map(jobOf);
  },

  /** Of one queue, or of all that have a job, or are paused. */
  'jobs.counts'(
    database: Database,
    { now, queue }: { readonly now: number; readonly queue: string | null },
  ): QueueCounts[] {
    const counts = new Map<string, Tally>();
    const tally = (name: string) => {
      const known = counts.get(name) ?? newTally(name);
      counts.set(name, known);
      return known;
    };
    if (queue !== null) tally(queue);
    const ofQueue = queue === null ? '' : 'AND queue = :queue';
    const values = queue === null ? {} : { queue };
    // One query for each index that covers it.
    for (const state of ['ready', 'scheduled', 'active', 'held'] as const) {
      const oldest = state === 'ready' ? ', min(ready_at) AS oldest' : '';
      for (const row of database.iterate(
        `SELECT queue, count(*) AS jobs ${oldest} FROM job WHERE state = '${state}' ${ofQueue}
         GROUP BY queue`,
        values,
      )) {
        const found = tally(String(row.queue));
        found.states[state] = Number(row.jobs);
        if (state === 'ready') found.oldestReadyMs = Math.max(0, now - Number(row.oldest));
      }
    }
    for (const row of database.iterate(
      `SELECT queue, state, count(*) AS jobs, sum(ended_at > :since) AS lately FROM job
       WHERE ended_at IS NOT NULL ${ofQueue} GROUP BY queue, state`,
      { ...values, since: now - 60_000 },
    )) {
      const found = tally(String(row.queue));
      found.states[row.state as JobState] = Number(row.jobs);
      if (row.state === 'completed') found.completedLastMinute = Number(row.lately);
      if (row.state === 'dead') found.deadLastMinute = Number(row.lately);
    }
    for (const row of database.iterate(
      `SELECT queue FROM paused_queue WHERE 1 ${ofQueue}`,
      values,
    )) {
      tally(String(row.queue)).isPaused = true;
    }
    return [...counts.values()].sort((one, other) => (one.queue < other.queue ? -1 : 1));
  },
};

/** Each as one of the indexes has it. */
export const listed: Readonly<Record<JobState, string>> = {
  scheduled: `state = 'scheduled' ORDER BY due_at`,
  ready: `state = 'ready' ORDER BY priority DESC, seq`,
  held: `state = 'held' ORDER BY key, priority DESC, seq`,
  active: `state = 'active' ORDER BY lease_until`,
  completed: `state = 'completed' AND ended_at IS NOT NULL ORDER BY ended_at DESC, seq DESC`,
  dead: `state = 'dead' AND ended_at IS NOT NULL ORDER BY ended_at DESC, seq DESC`,
  cancelled: `state = 'cancelled' AND ended_at IS NOT NULL ORDER BY ended_at DESC, seq DESC`,
};

export type Tally = { -readonly [Name in keyof QueueCounts]: QueueCounts[Name] } & {
  states: Record<JobState, number>;
};

export function newTally(queue: string): Tally {
  const states = {
    scheduled: 0,
    ready: 0,
    held: 0,
    active: 0,
    completed: 0,
    dead: 0,
    cancelled: 0,
  };
  return {
    queue,
    isPaused: false,
    states,
    oldestReadyMs: null,
    completedLastMinute: 0,
    deadLastMinute: 0,
  };
}

const columns = `id, queue, state, payload, priority, key, idempotency_key AS idempotencyKey,
  workspace_id AS workspaceId, trigger, attempt, fence, max_attempts AS maxAttempts,
  added_at AS addedAt, due_at AS dueAt, started_at AS startedAt, ended_at AS endedAt, holder,
  is_cancelling AS isCancelling, progress, result, error, reason`;

function jobOf(row: Row): JobRow {
  return { ...row, isCancelling: row.isCancelling === 1 } as unknown as JobRow;
}
