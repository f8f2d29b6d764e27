import type { Database } from './database.ts';
import type { EngineFailure } from './engine.ts';
import { RefusedError } from './failures.ts';

/** An instant at which a schedule is due: of all processes that share an engine, one has it. */
export interface TickClaim {
  /** The path of the schedule. */
  readonly schedule: string;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  readonly now: number;
  /**
   * How long the instants before the latest are remembered. What is older is nobody's any more, unless
   * it is later than everything that was claimed.
   */
  readonly keepMs: number;
}

export const tickReads = ['ticks.last'] as const satisfies readonly (keyof typeof tickOperations)[];

export const tickOperations = {
  /** true for exactly one caller. */
  'ticks.claim': claimTick,

  /** Fails the whole request when somebody has the instant already. */
  'ticks.take'(database: Database, claim: TickClaim): void {
    if (claimTick(database, claim)) return;
    throw new RefusedError(tickTakenFailure(claim));
  },

  /** The latest instant that was claimed; null: there is none. */
  'ticks.last'(database: Database, { schedule }: { readonly schedule: string }): number | null {
    return lastTick(database, schedule);
  },
};

export function tickTakenFailure({ schedule, dueAt }: TickClaim): EngineFailure {
  return {
    code: 'DARUMA_TICK_TAKEN',
    message: `${schedule}: the tick that was due at ${new Date(dueAt).toISOString()} was taken already.`,
    hint: 'Another process has it, or this one had it before. Nothing is to be done.',
  };
}

function claimTick(database: Database, { schedule, dueAt, now, keepMs }: TickClaim): boolean {
  const last = lastTick(database, schedule);
  const forgottenBefore = now - keepMs;
  if (last !== null && dueAt < last && dueAt < forgottenBefore) return false;
  const isMine =
    database.run(
      'INSERT INTO tick (schedule, due_at) VALUES (:schedule, :dueAt) ON CONFLICT DO NOTHING',
      { schedule, dueAt },
    ) > 0;
  if (isMine) {
    const before = Math.min(forgottenBefore, Math.max(dueAt, last ?? dueAt));
    database.run('DELETE FROM tick WHERE schedule = :schedule AND due_at < :before', {
      schedule,
      before,
    });
  }
  return isMine;
}

function lastTick(database: Database, schedule: string): number | null {
  const sql = 'SELECT max(due_at) AS last FROM tick WHERE schedule = :schedule';
  const last = database.get(sql, { schedule })?.last;
  return last === null || last === undefined ? null : Number(last);
}
