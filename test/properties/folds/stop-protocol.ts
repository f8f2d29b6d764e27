import { eventsOf, type History } from '../harness/history.ts';
import { isBelow, parentOf, pathsAbove, stopWithinOf } from '../harness/shape.ts';
import { haltsOf } from './halting.ts';
import {
  abandonedAt,
  type Fold,
  fact,
  first,
  isDoneBy,
  keyOf,
  type LifeRecord,
  livesOf,
  overOf,
  pairs,
  type RunRecord,
} from './ledger.ts';

/**
 * 5. Stop is a protocol: asked, cancelled, waited for with its cleanup, ended; or its limit passes,
 * and it is declared unstopped.
 */
export const stopProtocol: Fold = (history) => {
  const faults: string[] = [];
  for (const { run, life } of pairs(history)) {
    if (!life) continue;
    faults.push(...ofRun(history, run, life), ...ofSteps(history, run, life));
  }
  for (const life of livesOf(history)) faults.push(...ofLimits(history, life));
  return faults;
};

function ofRun(history: History, run: RunRecord, life: LifeRecord): string[] {
  const faults: string[] = [];
  const over = overOf(life);
  if (over?.event.type === 'ended' && !abandonedAt(history, life) && !isForced(history)) {
    if (!isDoneBy(history, run, over.n))
      faults.push(`${keyOf(run)} ended at entry ${over.n}, before it was over`);
  }
  if (
    over?.event.type === 'unstopped' &&
    over.event.limitMs !== 0 &&
    isDoneBy(history, run, over.n)
  ) {
    // Its children may still be on their way down; logic is over when it is released.
    const hasChildren = pairs(history).some((each) => isBelow(each.run.path, run.path));
    const isLogic = fact(run, 'ends')?.detail === 'released';
    if (!hasChildren && !isLogic && !isSpawned(history, run.path))
      faults.push(`${keyOf(run)} is unstopped at entry ${over.n}, but it was over`);
  }
  const asked = first(life, 'stop-requested');
  const plan = history.shape.service(run.path);
  if (asked && plan?.stopWithin === 'brutal') faults.push(`${keyOf(run)} is brutal, and was asked`);
  const cancelled = fact(run, 'cancelled');
  if (asked && cancelled && cancelled.n < asked.n && !fact(run, 'ends')) {
    faults.push(`${keyOf(run)} was cancelled before it was asked to stop`);
  }
  const hook = fact(run, 'stop-hook-begins');
  if (hook && (!asked || asked.n > hook.n)) faults.push(`${keyOf(run)} runs its stop hook unasked`);
  if (hook && !fact(run, 'says-ready'))
    faults.push(`${keyOf(run)} runs its stop hook, never ready`);
  const isAskedAlive =
    asked &&
    first(life, 'ready') &&
    !run.entries.some(({ what, n }) => what === 'ends' && n < asked.n);
  if (isAskedAlive && plan?.stopHook && !hook) {
    faults.push(`${keyOf(run)} was asked to stop, and its stop hook never ran`);
  }
  return faults;
}

/** A second signal: nobody is waited for any more. */
function isForced(history: History): boolean {
  return eventsOf(history).some(({ event }) => event.type === 'cut-off');
}

/** It is abandoned together with the service that spawned it. */
function isSpawned(history: History, path: string): boolean {
  return history.shape.service(parentOf(path) ?? '') !== undefined;
}

/** Body, then the steps of the cleanup in reverse order, one by one. */
function ofSteps(history: History, run: RunRecord, life: LifeRecord): string[] {
  const faults: string[] = [];
  const inner = fact(run, 'cleanup-begins', 'inner');
  const outer = fact(run, 'cleanup-begins', 'outer');
  const ends = fact(run, 'ends');
  const abandoned = abandonedAt(history, life);
  const isAbandoned = inner && abandoned && abandoned.at <= inner.at;
  if (inner && !isAbandoned && (!ends || ends.n > inner.n)) {
    faults.push(`${keyOf(run)} cleans up at entry ${inner.n}, before its body is over`);
  }
  const innerEnds = fact(run, 'cleanup-ends', 'inner');
  if (outer && (!innerEnds || innerEnds.n > outer.n)) {
    faults.push(`${keyOf(run)} cleans up at entry ${outer.n}, out of order`);
  }
  const steps = run.entries.filter(({ what }) => what === 'cleanup-begins').length;
  if (steps > 2) faults.push(`${keyOf(run)} cleans up ${steps} times`);
  const threw = history.shape.service(run.path)?.cleanup === 'throws';
  const over = overOf(life);
  if (threw && over?.event.type === 'ended' && !abandoned) {
    if (!first(life, 'stop-error')) faults.push(`${keyOf(run)}: its cleanup threw in silence`);
  }
  return faults;
}

/** Whoever was asked is over within the limit, and unstopped exactly at it. */
function ofLimits(history: History, life: LifeRecord): string[] {
  const asked = first(life, 'stop-requested');
  if (asked?.event.type !== 'stop-requested' || asked.event.limitMs === null) return [];
  const due = asked.at + asked.event.limitMs;
  const over = overOf(life) ?? first(life, 'start-failed');
  const overAt = over?.at ?? Number.POSITIVE_INFINITY;
  if (isForced(history)) return [];
  if (overAt > due) return [`${keyOf(life)} should be over by ${due} ms, it is at ${overAt}`];
  const plan = history.shape.at(life.path)?.plan;
  const isHalting = pathsAbove(life.path).some((path) =>
    haltsOf(history, path).some(({ n }) => n <= (over?.n ?? 0)),
  );
  if (
    over?.event.type === 'unstopped' &&
    overAt < due &&
    !isHalting &&
    !isSpawned(history, life.path)
  ) {
    return [`${keyOf(life)} is unstopped at ${overAt} ms, before its limit of ${due}`];
  }
  if (plan && asked.event.limitMs > stopWithinOf(plan)) {
    return [`${keyOf(life)} has ${asked.event.limitMs} ms to stop, more than it may`];
  }
  return [];
}
