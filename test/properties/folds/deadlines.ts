import { eventsOf, type History } from '../harness/history.ts';
import { isBelow, parentOf, pathsAbove, stopWithinOf } from '../harness/shape.ts';
import { allHalts, type Halt, haltsOf } from './halting.ts';
import { type Fold, first, keyOf, type LifeRecord, livesOf, overOf } from './ledger.ts';

/** Kept back from the grace period. */
const reserveMs = 1_000;

/**
 * 7. An absolute deadline: nobody has longer to stop than any supervisor above that is stopping, the
 * whole tree is down a second before its grace is over, and within its worst case.
 */
export const deadlines: Fold = (history) => {
  if (history.report?.cutOff.length) return [];
  return [
    ...livesOf(history).flatMap((life) => ofLife(history, life)),
    ...ofSystem(history),
    ...allHalts(history).flatMap((halt) => ofGroup(history, halt)),
  ];
};

/** Until when the system has to be down; undefined while nobody stops it. */
function systemDeadline(history: History): { n: number; at: number } | undefined {
  const begin = eventsOf(history).find(
    ({ event }) =>
      event.type === 'phase' && (event.phase === 'draining' || event.phase === 'stopping'),
  );
  const { grace = 25_000 } = history.plan;
  if (!begin || grace === 'infinity') return undefined;
  return { n: begin.n, at: begin.at + Math.max(0, grace - reserveMs) };
}

function ofSystem(history: History): string[] {
  const deadline = systemDeadline(history);
  const stopped = eventsOf(history).find(
    ({ event }) => event.type === 'phase' && event.phase === 'stopped',
  );
  if (!deadline) return [];
  if (!stopped) return ['the system was asked to stop, and never stopped'];
  return stopped.at > deadline.at ? [`it is down at ${stopped.at} ms, not by ${deadline.at}`] : [];
}

function ofLife(history: History, life: LifeRecord): string[] {
  const faults: string[] = [];
  const asked = first(life, 'stop-requested');
  const over = overOf(life);
  const isGroup = history.shape.group(life.path) !== undefined;
  for (const limit of limitsAbove(history, life)) {
    if (over && over.n < limit.n) continue;
    if (over && over.at > Math.max(limit.at, life.starting.at)) {
      faults.push(`${keyOf(life)} is over at ${over.at} ms; ${limit.whose} has until ${limit.at}`);
    }
    // By its own decision a supervisor asks first, and is hurried when that is known above.
    if (isGroup || asked?.event.type !== 'stop-requested' || asked.n < limit.asked) continue;
    // Until its supervisor is asked, that does not know of a deadline above.
    if (askedAt(history, parentOf(life.path) ?? '', limit.n) > asked.n) continue;
    const left = Math.max(0, limit.at - asked.at);
    if ((asked.event.limitMs ?? Number.POSITIVE_INFINITY) > left) {
      faults.push(`${keyOf(life)} gets ${asked.event.limitMs} ms; ${limit.whose} has ${left} left`);
    }
  }
  return faults;
}

interface Limit {
  readonly whose: string;
  readonly n: number;
  readonly at: number;
  /** The entry of the request that made it stop; Infinity when there was none. */
  readonly asked: number;
}

function limitsAbove(history: History, life: LifeRecord): Limit[] {
  const limits: Limit[] = [];
  const system = systemDeadline(history);
  if (system) limits.push({ whose: 'the system', ...system, asked: askedAt(history, 'app', 0) });
  const [, ...above] = [life.path, ...pathsAbove(life.path)];
  for (const path of above) {
    const group = history.shape.group(path);
    if (!group || !Number.isFinite(stopWithinOf(group))) continue;
    const halt = haltsOf(history, path).find(
      ({ n, until }) => life.starting.n < until && (overOf(life)?.n ?? until) > n,
    );
    if (!halt || hasOutsiders(history, halt)) continue;
    const { n, at } = halt;
    limits.push({ whose: path, n, at: at + stopWithinOf(group), asked: askedAt(history, path, n) });
  }
  return limits;
}

function askedAt(history: History, path: string, n: number): number {
  const asked = eventsOf(history).find(
    (entry) => entry.n >= n && entry.event.path === path && entry.event.type === 'stop-requested',
  );
  return asked?.n ?? Number.POSITIVE_INFINITY;
}

/**
 * Somebody outside needs something inside, and is stopped first, with a limit of its own: rule 14
 * against rule 20, which do not say which of them wins.
 */
function hasOutsiders(history: History, halt: Halt): boolean {
  return livesOf(history).some((life) => {
    if (isBelow(life.path, halt.path)) return false;
    const needs = history.shape.service(life.path)?.needs ?? [];
    return needs.some(({ path }) => path === halt.path || isBelow(path, halt.path));
  });
}

/** Rule 21: measured from the request to the end of the supervisor. */
function ofGroup(history: History, halt: Halt): string[] {
  const hasAdded = history.entries.some((e) => e.kind === 'call' && e.fn === 'startChild');
  const worst = history.worstCases.get(halt.path);
  if (hasAdded || worst === undefined || hasOutsiders(history, halt)) return [];
  const life = livesOf(history).findLast(
    ({ path, starting }) => path === halt.path && starting.n < halt.n,
  );
  const over = life && overOf(life);
  const took = over ? over.at - halt.at : 0;
  return took > worst ? [`${halt.path} took ${took} ms to stop, its worst case is ${worst}`] : [];
}
