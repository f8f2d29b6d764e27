import type { ClaimQuery } from '../../job-rows.ts';
import type { Allowance } from '../../jobs/rate.ts';
import type { Session } from '../session.ts';

const noLimit: Allowance = { left: Number.POSITIVE_INFINITY, moreAt: null };

/** As on SQLite, by the clock of the server. */
export async function allowance(
  session: Session,
  { queue, now, rate }: ClaimQuery,
): Promise<Allowance> {
  if (!rate) return noLimit;
  const [, row] = await Promise.all([
    session.run(
      'DELETE FROM $schema.job_claim WHERE queue = :queue AND (at <= :before OR at > :ahead)',
      { queue, before: now - rate.perMs, ahead: now + rate.perMs },
    ),
    session.row<{ claims: number; first: number | null }>(
      'SELECT coalesce(sum(claims), 0) AS claims, min(at) AS first FROM $schema.job_claim WHERE queue = :queue',
      { queue },
    ),
  ]);
  const left = Math.max(0, rate.max - Number(row?.claims));
  return { left, moreAt: Number(row?.first ?? now) + rate.perMs };
}

export async function noteClaims(
  session: Session,
  { queue, now, rate }: ClaimQuery,
  claims: number,
): Promise<void> {
  if (!rate || claims === 0) return;
  await session.run(
    'INSERT INTO $schema.job_claim (queue, at, claims) VALUES (:queue, :now, :claims)',
    { queue, now, claims },
  );
}
