import type { Request, Step } from '../engine.ts';
import type { Session } from './session.ts';

/**
 * Locks that have no row: they are held until the transaction ends. A group takes all of them at its
 * beginning and in one order, so that two groups never wait for each other.
 */
export interface Locks {
  readonly names: ReadonlySet<string>;
  /** Jobs: the queue of each that has a key is locked. */
  readonly jobs: ReadonlySet<string>;
}

/** Adding jobs with the same key of uniqueness, in several orders at once, would end in a deadlock. */
const uniqueLocksOfQueue = 16;

export function lockName(schema: string, name: string): string {
  return `daruma ${schema} ${name}`;
}

export function locksOf(group: readonly Request[]): Locks {
  const names = new Set<string>();
  const jobs = new Set<string>();
  for (const { steps } of group) {
    for (const step of steps) {
      for (const name of namesOf(step)) names.add(name);
      const mayHaveKey =
        step[0] === 'jobs.cancel' || (step[0] === 'jobs.settle' && step[1].key !== null);
      if (mayHaveKey) jobs.add(step[1].id);
    }
  }
  return { names, jobs };
}

export async function takeLocks(
  session: Session,
  schema: string,
  { names, jobs }: Locks,
): Promise<void> {
  if (names.size === 0 && jobs.size === 0) return;
  await session.rows(
    `SELECT pg_advisory_xact_lock(number) FROM (
       SELECT hashtextextended(name, 0) AS number FROM unnest(:names::text[]) AS name
       UNION
       SELECT hashtextextended(:queuePrefix || queue, 0) FROM $schema.job
       WHERE id = ANY (:jobs::text[]) AND key IS NOT NULL
       ORDER BY number
     ) AS locks`,
    {
      names: [...names].map((name) => lockName(schema, name)),
      queuePrefix: lockName(schema, 'queue '),
      jobs: [...jobs],
    },
  );
}

function namesOf([name, args]: Step): readonly string[] {
  switch (name) {
    case 'entries.set':
    case 'entries.delete':
    case 'entries.clear':
    case 'revision.expect':
      return [`owner ${args.owner}`];
    case 'jobs.add':
      return args.jobs.flatMap(({ queue, idempotencyKey }) => {
        return idempotencyKey === null ? [] : [`unique ${bucketOf(idempotencyKey)} ${queue}`];
      });
    case 'leases.acquire':
    case 'leases.renew':
    case 'leases.release':
    case 'leases.expect':
      return [`lease ${args.name}`];
    case 'ticks.claim':
    case 'ticks.take':
      return [`tick ${args.schedule}`];
    case 'jobs.claim':
      return args.perKey === null && args.rate === null ? [] : [`queue ${args.queue}`];
    default:
      return [];
  }
}

function bucketOf(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index++) sum = (sum * 31 + text.charCodeAt(index)) | 0;
  return Math.abs(sum) % uniqueLocksOfQueue;
}
