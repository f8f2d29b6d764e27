import type { Database } from '../database.ts';
import type { Added, NewJob } from '../job-rows.ts';

interface Known {
  readonly id: string;
  readonly forget_at: number | null;
}

export const addingOperations = {
  /** In the order of the list: all of them, or none. */
  'jobs.add'(
    database: Database,
    { now, jobs }: { readonly now: number; readonly jobs: readonly NewJob[] },
  ): Added[] {
    return jobs.map((job) => add(database, now, job));
  },
};

function add(database: Database, now: number, job: NewJob): Added {
  if (insert(database, now, job)) return { id: job.id, isNew: true };
  const known = database.get(
    `SELECT id, forget_at FROM job WHERE queue = :queue AND idempotency_key = :idempotencyKey`,
    { queue: job.queue, idempotencyKey: job.idempotencyKey },
  ) as unknown as Known | undefined;
  // Without such a key it is the id that is there: the same job, added once more.
  if (!known) return { id: job.id, isNew: false };
  if (known.forget_at === null || known.forget_at > now) return { id: known.id, isNew: false };
  database.run('DELETE FROM job WHERE id = :id', { id: known.id });
  return { id: job.id, isNew: insert(database, now, job) };
}

function insert(database: Database, now: number, { dueAt, ...job }: NewJob): boolean {
  const isDue = dueAt === null || dueAt <= now;
  const changes = database.run(
    `INSERT INTO job (id, queue, state, payload, priority, key, idempotency_key, workspace_id,
       trigger, traceparent, max_attempts, added_at, due_at, ready_at)
     VALUES (:id, :queue, :state, :payload, :priority, :key, :idempotencyKey, :workspaceId,
       :trigger, :traceparent, :maxAttempts, :now, :dueAt, :readyAt)
     ON CONFLICT DO NOTHING`,
    {
      ...job,
      now,
      state: isDue ? 'ready' : 'scheduled',
      dueAt: isDue ? null : dueAt,
      readyAt: isDue ? now : null,
    },
  );
  return changes > 0;
}
