import type { Database } from '../database.ts';
import type { EngineFailure } from '../engine.ts';
import { RefusedError } from '../failures.ts';
import type {
  ClaimRef,
  DeathReason,
  JobState,
  Settled,
  Settlement,
  Standing,
} from '../job-rows.ts';
import { type Keyed, letInNext } from './keys.ts';

/** What only the current claim of a job may do. */

interface ActiveRow extends Keyed {
  readonly attempt: number;
  readonly is_cancelling: number;
}

interface End {
  readonly state: 'completed' | 'dead' | 'cancelled';
  readonly now: number;
  readonly keepMs: number | null;
  readonly result: string | null;
  readonly error: string | null;
  readonly reason: DeathReason | null;
}

export interface SettleArgs extends ClaimRef {
  readonly now: number;
  readonly queue: string;
  /** That of the job, where it is known: one that has none keeps nobody waiting. */
  readonly key?: string | null;
  readonly settlement: Settlement;
  /** How long it is known when this ends it. null: for ever; 0: not at all. */
  readonly keepMs: number | null;
}

export const settlingReads = [
  'jobs.expect',
] as const satisfies readonly (keyof typeof settlingOperations)[];

export const settlingOperations = {
  /** How an attempt ended. A job that is to be cancelled is not tried again. */
  'jobs.settle'(database: Database, args: SettleArgs): Settled {
    const row = activeRow(database, args);
    if (!row) return null;
    const { now, keepMs, settlement } = args;
    const { type } = settlement;
    const error = 'error' in settlement ? settlement.error : null;
    const ended = { now, keepMs, result: null, error, reason: null };
    if (type === 'completed') {
      return end(database, row, { ...ended, state: type, result: settlement.result });
    }
    if (type === 'dead') {
      return end(database, row, { ...ended, state: type, reason: settlement.reason });
    }
    if (type === 'cancelled' || row.is_cancelling) {
      return end(database, row, { ...ended, state: 'cancelled' });
    }
    return goOn(database, row, now, settlement);
  },

  /** Fails the whole request when the claim is not current any more. */
  'jobs.expect'(database: Database, claim: ClaimRef): void {
    if (!activeRow(database, claim)) throw new RefusedError(staleClaimFailure);
  },

  /** Moves the ends of leases on; what has become of each claim, in their order. */
  'jobs.renew'(
    database: Database,
    args: {
      readonly now: number;
      readonly leaseMs: number;
      readonly claims: readonly ClaimRef[];
    },
  ): Standing[] {
    return args.claims.map(({ id, fence }) => {
      const row = activeRow(database, { id, fence });
      if (!row) return 'gone';
      database.run('UPDATE job SET lease_until = :until WHERE seq = :seq', {
        seq: row.seq,
        until: args.now + args.leaseMs,
      });
      return row.is_cancelling ? 'cancelling' : 'held';
    });
  },

  /** Whether it counts. */
  'jobs.progress'(
    database: Database,
    { id, fence, progress }: ClaimRef & { readonly progress: string },
  ): boolean {
    const sql = `UPDATE job SET progress = :progress WHERE id = :id AND state = 'active' AND fence = :fence`;
    return database.run(sql, { id, fence, progress }) > 0;
  },
};

export const staleClaimFailure: EngineFailure = {
  code: 'DARUMA_STALE_CLAIM',
  message: 'The lease on the job ran out, and somebody else may have it. Nothing was written.',
  hint: 'Usual cause: the event loop stood still, or the storage was out of reach, for longer than the lease of the queue. The job runs again elsewhere; raise lease where this is common.',
};

/** The job is over: it is kept for a while, or not at all. */
export function end(database: Database, row: Keyed, ended: End): JobState {
  const { state, now, keepMs, result, error, reason } = ended;
  if (keepMs === 0) {
    database.run('DELETE FROM job WHERE seq = :seq', { seq: row.seq });
  } else {
    database.run(
      `UPDATE job SET state = :state, ended_at = :now, lease_until = NULL, due_at = NULL,
         result = :result, error = coalesce(:error, error), reason = :reason, forget_at = :forgetAt
       WHERE seq = :seq`,
      {
        seq: row.seq,
        state,
        now,
        result,
        error,
        reason,
        forgetAt: keepMs === null ? null : now + keepMs,
      },
    );
  }
  letInNext(database, now, row);
  return state;
}

function goOn(
  database: Database,
  row: ActiveRow,
  now: number,
  settlement: Extract<Settlement, { type: 'retry' | 'released' }>,
): JobState {
  const isDelayed = settlement.type === 'retry' && settlement.delayMs > 0;
  const state = isDelayed ? 'scheduled' : 'ready';
  database.run(
    `UPDATE job SET state = :state, attempt = :attempt, lease_until = NULL, holder = NULL,
       due_at = :dueAt, ready_at = :readyAt, error = coalesce(:error, error)
     WHERE seq = :seq`,
    {
      seq: row.seq,
      state,
      attempt: settlement.type === 'released' ? row.attempt - 1 : row.attempt,
      dueAt: isDelayed ? now + settlement.delayMs : null,
      readyAt: isDelayed ? null : now,
      error: settlement.type === 'retry' ? settlement.error : null,
    },
  );
  letInNext(database, now, row);
  return state;
}

function activeRow(database: Database, { id, fence }: ClaimRef): ActiveRow | undefined {
  return database.get(
    `SELECT seq, queue, key, attempt, is_cancelling FROM job
     WHERE id = :id AND state = 'active' AND fence = :fence`,
    { id, fence },
  ) as unknown as ActiveRow | undefined;
}
