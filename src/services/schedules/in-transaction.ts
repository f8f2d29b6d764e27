import type { Transaction } from '../../define/storage.ts';
import type { Step } from '../engine/engine.ts';
import type { LiveStorage } from '../storage/live-storage.ts';
import type { RunContext, RunFacts } from './run-context.ts';

/** What a run does in a transaction; called again when it was overtaken. */
export type TickTransaction = (tx: Transaction, tick: RunFacts) => unknown;

type Work = (ctx: RunContext) => Promise<void>;

const works = new WeakSet<object>();
const claims = new WeakMap<object, () => Step>();

/**
 * The work of a schedule as one transaction. With `once: 'cluster'` the tick is a part of it: what it
 * stores and enqueues is stored exactly once for each tick, whatever fails and wherever.
 *
 * ```ts
 * cron('nightly', '0 2 * * *', { once: 'cluster' }, inTransaction(async (tx, tick) => {
 *   await tx.enqueue(reports, { day: tick.due });
 * }));
 * ```
 *
 * While its storage cannot be reached it is tried again and again, whatever `retry` says; ticks that
 * come due meanwhile wait (`overlap: 'queue'`).
 */
export function inTransaction(fn: TickTransaction): Work {
  const work: Work = async (ctx) => {
    const { storage, run, attempt, due, scheduledAt, isByHand } = ctx;
    const tick: RunFacts = { run, attempt, due, scheduledAt, isByHand };
    const claim = claims.get(ctx);
    const enclosure = () => ({ before: claim ? [claim()] : [], after: [] });
    await (storage as LiveStorage).transact((tx) => fn(tx, tick), {}, enclosure);
  };
  works.add(work);
  return work;
}

/** It claims its tick itself. */
export function isTransactional(work: unknown): boolean {
  return typeof work === 'function' && works.has(work);
}

/** An attempt has to claim its tick with what it does. */
export function letClaim(attempt: object, claim: () => Step): void {
  claims.set(attempt, claim);
}
