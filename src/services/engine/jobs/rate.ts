import type { Database } from '../database.ts';
import type { ClaimQuery } from '../job-rows.ts';

export interface Allowance {
  /** How many more may be claimed now. */
  readonly left: number;
  /** When one more may be, where none may now. */
  readonly moreAt: number | null;
}

const noLimit: Allowance = { left: Number.POSITIVE_INFINITY, moreAt: null };

/**
 * Counts the claims of the time that has just passed, whoever made them. Those that lie further ahead
 * than a clock can be off were made before it was set back: else it would be waited for.
 */
export function allowance(database: Database, { queue, now, rate }: ClaimQuery): Allowance {
  if (!rate) return noLimit;
  database.run('DELETE FROM job_claim WHERE queue = :queue AND (at <= :before OR at > :ahead)', {
    queue,
    before: now - rate.perMs,
    ahead: now + rate.perMs,
  });
  const row = database.get(
    'SELECT count(*) AS claims, min(at) AS first FROM job_claim WHERE queue = :queue',
    { queue },
  );
  const left = Math.max(0, rate.max - Number(row?.claims));
  return { left, moreAt: Number(row?.first ?? now) + rate.perMs };
}

export function noteClaims(
  database: Database,
  { queue, now, rate }: ClaimQuery,
  count: number,
): void {
  if (!rate) return;
  for (let index = 0; index < count; index++) {
    database.run('INSERT INTO job_claim (queue, at) VALUES (:queue, :now)', { queue, now });
  }
}
