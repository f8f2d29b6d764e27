import type { Database } from '../database.ts';
import type { ClaimQuery, LostAttempt } from '../job-rows.ts';
import { letInNext } from './keys.ts';
import { end } from './settling.ts';

/** What a job that was taken back keeps as its error. */
export const lostError = {
  name: 'LeaseExpired',
  whatTheHolderDid:
    'has not renewed its lease: it was killed, cut off, or its event loop stood still.',
};

const mostLostAtOnce = 1_000;

interface LostRow {
  readonly seq: number;
  readonly id: string;
  readonly queue: string;
  readonly key: string | null;
  readonly attempt: number;
  readonly max_attempts: number;
  readonly holder: string;
  readonly is_cancelling: number;
}

/** Attempts that nobody renews any more. Each counts: a job that kills its process must come to an end. */
export function takeBackLost(database: Database, query: ClaimQuery): LostAttempt[] {
  const { queue, now } = query;
  const rows = database.iterate(
    `SELECT seq, id, queue, key, attempt, max_attempts, holder, is_cancelling FROM job
     WHERE queue = :queue AND state = 'active' AND lease_until <= :now
     ORDER BY lease_until LIMIT ${mostLostAtOnce}`,
    { queue, now },
  );
  // All are read first: they are changed below.
  return ([...rows] as unknown as LostRow[]).map((row) => takeBack(database, query, row));
}

function takeBack(database: Database, { now, keepDeadMs }: ClaimQuery, row: LostRow): LostAttempt {
  const { id, attempt } = row;
  const state = stateAfter(row);
  const { name, whatTheHolderDid } = lostError;
  const error = JSON.stringify({ name, message: `${row.holder} ${whatTheHolderDid}` });
  if (state === 'ready') {
    database.run(
      `UPDATE job SET state = 'ready', ready_at = :now, lease_until = NULL, holder = NULL,
         error = :error WHERE seq = :seq`,
      { seq: row.seq, now, error },
    );
    letInNext(database, now, row);
  } else {
    const reason = state === 'dead' ? 'lost' : null;
    end(database, row, { state, now, keepMs: keepDeadMs, result: null, error, reason });
  }
  return { id, attempt, state };
}

function stateAfter(row: LostRow): LostAttempt['state'] {
  if (row.is_cancelling) return 'cancelled';
  return row.attempt >= row.max_attempts ? 'dead' : 'ready';
}
