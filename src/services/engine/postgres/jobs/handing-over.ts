import type { ClaimAnswer, Claimed, ClaimQuery, Settled } from '../../job-rows.ts';
import type { Session } from '../session.ts';
import {
  activatePicked,
  type ClaimedRow,
  claim,
  inOrder,
  isMerePick,
  mostUrgent,
  pickValues,
} from './claiming.ts';
import { endPlainly, given, isPlainEnd, type SettleArgs } from './settling.ts';

/** Jobs that have ended hand their places over to the next ones. */
export interface Handover {
  readonly settled: Promise<readonly Settled[]>;
  readonly answer: Promise<ClaimAnswer>;
}

/** Whether none of it needs more than a row of its own: then nothing of it can be in the way of the rest. */
export function mayHandOver(
  session: Session,
  ends: readonly SettleArgs[],
  query: ClaimQuery,
): boolean {
  return ends.every(isPlainEnd) && isMerePick(session, query);
}

/**
 * The ends of jobs and the claim of others in one statement: that is what a busy worker asks for all
 * the time, and one statement costs it and the server half of what several in a transaction do.
 */
export function handOver(
  session: Session,
  ends: readonly SettleArgs[],
  query: ClaimQuery,
): Handover {
  const values = pickValues({ ...query, now: session.toServer(query.now) });
  const rows = session.rows<Row>(endAndPick, { ...values, ...given(session, ends) });
  return { settled: settledOf(rows, ends), answer: claim(session, query, () => claimedOf(rows)) };
}

/** Those that have ended have an id, and nothing else. */
type Row = ClaimedRow | { readonly seq: null; readonly id: string };

async function settledOf(
  rows: Promise<readonly Row[]>,
  ends: readonly SettleArgs[],
): Promise<readonly Settled[]> {
  const ended = new Set((await rows).filter(({ seq }) => seq === null).map(({ id }) => id));
  return ends.map(({ id, settlement: { type } }) => (ended.has(id) ? (type as Settled) : null));
}

async function claimedOf(rows: Promise<readonly Row[]>): Promise<readonly Claimed[]> {
  return inOrder((await rows).filter((row): row is ClaimedRow => row.seq !== null));
}

const endAndPick = `WITH ended AS (${endPlainly}), ${mostUrgent}, claimed AS (${activatePicked})
  SELECT seq, id, payload, priority, key, "workspaceId", trigger, traceparent, attempt,
    "maxAttempts", fence, "addedAt", "readyAt" FROM claimed
  UNION ALL
  SELECT NULL, id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM ended`;
