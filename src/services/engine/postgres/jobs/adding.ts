import type { ArgsOf } from '../../engine.ts';
import type { Added, NewJob } from '../../job-rows.ts';
import type { Session } from '../session.ts';

interface Dated extends NewJob {
  readonly now: number;
}

export const addingOperations = {
  async 'jobs.add'(session: Session, args: ArgsOf<'jobs.add'>): Promise<Added[]> {
    const [added] = await addMany(session, [args]);
    return added ?? [];
  },
};

/** Several lists, one after the other, in one statement. */
export async function addMany(
  session: Session,
  lists: readonly ArgsOf<'jobs.add'>[],
): Promise<Added[][]> {
  const jobs = lists.flatMap(({ now, jobs: some }) => {
    const serverNow = session.toServer(now);
    return some.map((job) => ({ ...job, dueAt: session.toServer(job.dueAt), now: serverNow }));
  });
  const added = await insert(session, jobs);
  return lists.map(({ jobs: { length } }) => added.splice(0, length));
}

async function insert(session: Session, jobs: readonly Dated[]): Promise<Added[]> {
  const unique = jobs.filter(({ idempotencyKey }) => idempotencyKey !== null);
  const given = JSON.stringify(jobs);
  const keys = JSON.stringify(
    unique.map(({ queue, idempotencyKey, now }) => ({ queue, idempotencyKey, now })),
  );
  const hasUnique = unique.length > 0;
  const [, rows, known] = await Promise.all([
    hasUnique ? session.run(forgetKnown, { keys }) : 0,
    session.rows<{ id: string }>(insertNew, { given }),
    hasUnique ? session.rows<Known>(findKnown, { keys }) : [],
  ]);
  const fresh = new Set(rows.map(({ id }) => id));
  const ids = new Map(known.map(({ queue, key, id }) => [`${queue}\n${key}`, id]));
  return jobs.map(({ id, queue, idempotencyKey }) => {
    if (fresh.delete(id)) return { id, isNew: true };
    // Without such a key it is the id that is there: the same job, added once more.
    return { id: ids.get(`${queue}\n${idempotencyKey}`) ?? id, isNew: false };
  });
}

interface Known {
  readonly queue: string;
  readonly key: string;
  readonly id: string;
}

const givenKeys = `json_to_recordset(:keys::json) AS given (queue text, "idempotencyKey" text, now bigint)`;
const isKnown = 'job.queue = given.queue AND job.idempotency_key = given."idempotencyKey"';

const forgetKnown = `DELETE FROM $schema.job USING ${givenKeys}
  WHERE ${isKnown} AND job.forget_at <= given.now`;

const findKnown = `SELECT job.queue, job.idempotency_key AS key, job.id
  FROM ${givenKeys} JOIN $schema.job ON ${isKnown}`;

const insertNew = `INSERT INTO $schema.job (id, queue, state, payload, priority, key,
    idempotency_key, workspace_id, trigger, traceparent, max_attempts, added_at, due_at, ready_at)
  SELECT id, queue, CASE WHEN "dueAt" > now THEN 'scheduled' ELSE 'ready' END, payload, priority, key,
    "idempotencyKey", "workspaceId", trigger, traceparent, "maxAttempts", now,
    CASE WHEN "dueAt" > now THEN "dueAt" END, CASE WHEN "dueAt" > now THEN NULL ELSE now END
  FROM ROWS FROM (json_to_recordset(:given::json) AS (
    id text, queue text, payload text, priority integer, key text, "idempotencyKey" text,
    "workspaceId" text, trigger text, traceparent text, "maxAttempts" integer, "dueAt" bigint,
    now bigint)) WITH ORDINALITY AS given
  ORDER BY ordinality
  ON CONFLICT DO NOTHING
  RETURNING id`;
