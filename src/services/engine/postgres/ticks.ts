import type { ArgsOf } from '../engine.ts';
import { RefusedError } from '../failures.ts';
import { tickTakenFailure } from '../ticks.ts';
import type { Session } from './session.ts';

/** When a schedule is due is no moment on anybody's clock, but the name of a tick: it is not shifted. */
export const tickOperations = {
  'ticks.claim': claimTick,

  async 'ticks.take'(session: Session, claim: ArgsOf<'ticks.take'>): Promise<void> {
    if (!(await claimTick(session, claim))) throw new RefusedError(tickTakenFailure(claim));
  },

  async 'ticks.last'(session: Session, { schedule }: ArgsOf<'ticks.last'>): Promise<number | null> {
    const row = await session.row<{ readonly last: number | null }>(
      'SELECT max(due_at) AS last FROM $schema.tick WHERE schedule = :schedule',
      { schedule },
    );
    return row?.last ?? null;
  },
};

async function claimTick(
  session: Session,
  { schedule, dueAt, now, keepMs }: ArgsOf<'ticks.claim'>,
): Promise<boolean> {
  const row = await session.row<{ readonly mine: number }>(
    `WITH last AS (SELECT max(due_at) AS at FROM $schema.tick WHERE schedule = :schedule),
     mine AS (
       INSERT INTO $schema.tick (schedule, due_at) SELECT :schedule, :dueAt FROM last
       WHERE coalesce(at <= :dueAt, true) OR :dueAt >= :forgottenBefore
       ON CONFLICT DO NOTHING RETURNING due_at
     ),
     forgotten AS (
       DELETE FROM $schema.tick USING last WHERE schedule = :schedule
         AND due_at < least(:forgottenBefore, greatest(:dueAt, coalesce(at, :dueAt)))
         AND EXISTS (SELECT FROM mine)
     )
     SELECT count(*) AS mine FROM mine`,
    { schedule, dueAt, forgottenBefore: session.toServer(now) - keepMs },
  );
  return Number(row?.mine) > 0;
}
