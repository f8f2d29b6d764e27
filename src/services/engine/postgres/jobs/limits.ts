import type { Claimed, ClaimQuery, PerKey } from '../../job-rows.ts';
import type { Session } from '../session.ts';
import { activatePicked, type ClaimedRow, inOrder } from './claiming.ts';

const mostHeldAtOnce = 1_000;
const fewestAtOnce = 50;

interface Candidate {
  readonly seq: number;
  readonly key: string | null;
  /** Of its key. */
  readonly active: number;
  readonly hasHeld: boolean;
  /** The first of its key that is not over. */
  readonly first: number | null;
  readonly isFirstHeld: boolean;
}

/** What is to be done with candidates, and whether the next ones are those behind them. */
interface Choice {
  readonly picked: readonly number[];
  readonly held: readonly number[];
  /** Somebody who may come before what follows: the next look begins anew. */
  readonly letIn: number | null;
  readonly letInOfKey: string | null;
}

/**
 * The most urgent that may run beside the others with their keys; who may not is held. Looks at many
 * at once, and decides about them one by one.
 */
export async function pickWithinLimits(
  session: Session,
  query: ClaimQuery,
  limit: number,
): Promise<{ readonly jobs: readonly Claimed[]; readonly isStopped: boolean }> {
  const rows: ClaimedRow[] = [];
  let held = 0;
  let atOnce = Math.min(mostHeldAtOnce, Math.max(fewestAtOnce, limit));
  while (rows.length < limit) {
    if (held >= mostHeldAtOnce) return { jobs: inOrder(rows), isStopped: true };
    const places = limit - rows.length;
    const candidates = await readCandidates(session, query.queue, atOnce);
    const choice = choose(candidates, query.perKey, places);
    rows.push(...(await carryOut(session, query, choice)));
    held += choice.held.length;
    const isInterrupted = choice.letIn !== null || choice.letInOfKey !== null;
    if (candidates.length < atOnce && !isInterrupted) break;
    // Where most have to be held, the others are far behind them.
    atOnce = Math.min(mostHeldAtOnce, atOnce * 4);
  }
  return { jobs: inOrder(rows), isStopped: false };
}

function readCandidates(
  session: Session,
  queue: string,
  limit: number,
): Promise<readonly Candidate[]> {
  return session.rows<Candidate>(
    `WITH ready AS (
       SELECT seq, key, priority FROM $schema.job WHERE queue = :queue AND state = 'ready'
       ORDER BY priority DESC, seq LIMIT :limit FOR UPDATE SKIP LOCKED
     )
     SELECT ready.seq, ready.key, first.seq AS first, first.state = 'held' AS "isFirstHeld",
       (SELECT count(*) FROM $schema.job AS other
        WHERE other.queue = :queue AND other.key = ready.key AND other.state = 'active') AS active,
       EXISTS (SELECT FROM $schema.job AS other
        WHERE other.queue = :queue AND other.key = ready.key AND other.state = 'held') AS "hasHeld"
     FROM ready LEFT JOIN LATERAL (
       SELECT other.seq, other.state FROM $schema.job AS other
       WHERE other.queue = :queue AND other.key = ready.key AND other.ended_at IS NULL
       ORDER BY other.seq LIMIT 1) AS first ON true
     ORDER BY ready.priority DESC, ready.seq`,
    { queue, limit },
  );
}

function choose(candidates: readonly Candidate[], perKey: PerKey, places: number): Choice {
  const picked: number[] = [];
  const held: number[] = [];
  const active = new Map<string, number>();
  for (const { seq, key, first, isFirstHeld, hasHeld, ...rest } of candidates) {
    if (picked.length === places) break;
    if (key === null || perKey === null) {
      picked.push(seq);
      continue;
    }
    const running = active.get(key) ?? rest.active;
    const mayRun = perKey === 'fifo' ? running === 0 && first === seq : running < perKey;
    if (mayRun) picked.push(seq);
    else held.push(seq);
    active.set(key, mayRun ? running + 1 : running);
    if (perKey === 'fifo') {
      if (!mayRun && isFirstHeld) return { picked, held, letIn: first, letInOfKey: null };
    } else if (mayRun && running + 1 < perKey && hasHeld) {
      return { picked, held, letIn: null, letInOfKey: key };
    }
  }
  return { picked, held, letIn: null, letInOfKey: null };
}

/** The one that was looked at last is the only one that another could come before. */
async function carryOut(
  session: Session,
  { queue, now, leaseMs, holder }: ClaimQuery,
  { picked, held, letIn, letInOfKey }: Choice,
): Promise<readonly ClaimedRow[]> {
  const [rows] = await Promise.all([
    picked.length === 0
      ? []
      : session.rows<ClaimedRow>(
          `WITH picked AS (SELECT unnest(:picked::bigint[]) AS seq) ${activatePicked}`,
          { picked, now, leaseUntil: now + leaseMs, holder },
        ),
    held.length === 0
      ? 0
      : session.run(`UPDATE $schema.job SET state = 'held' WHERE seq = ANY (:held::bigint[])`, {
          held,
        }),
    letIn === null ? 0 : session.run(`${letInSql} :letIn AND state = 'held'`, { letIn, now }),
    letInOfKey === null
      ? 0
      : session.run(
          `${letInSql} (SELECT seq FROM $schema.job WHERE queue = :queue AND key = :key
             AND state = 'held' ORDER BY priority DESC, seq LIMIT 1)`,
          { queue, key: letInOfKey, now },
        ),
  ]);
  return rows;
}

const letInSql = `UPDATE $schema.job SET state = 'ready', ready_at = :now WHERE seq =`;
