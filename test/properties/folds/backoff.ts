import { eventsOf, type History } from '../harness/history.ts';
import type { EventEntry } from '../harness/log.ts';
import { backoffOf, isBelow, parentOf } from '../harness/shape.ts';
import { type Fold, first, keyOf, type LifeRecord, livesOf } from './ledger.ts';

interface Series {
  count: number;
  lastMs: number;
}

/**
 * 9. Each delay is inside the bounds of its policy, and never above the maximum; it counts from the
 * end of the old incarnation and always goes through the clock, once `backoff` is visible. A series
 * starts over after a stable incarnation, and by hand.
 */
export const backoff: Fold = (history) => {
  const faults: string[] = [];
  const series = new Map<string, Series>();
  const lives = livesOf(history);
  for (const entry of eventsOf(history)) {
    const { event } = entry;
    const { path } = event;
    if (event.type === 'starting' && history.shape.group(path)) {
      // Its items begin anew with it.
      for (const below of series.keys()) if (isBelow(below, path)) series.delete(below);
    }
    if (event.type === 'dropped') series.delete(path);
    if (isByHand(history, entry)) series.delete(path);
    if (event.type === 'ended' || event.type === 'unstopped')
      resetIfStable(history, lives, entry, series);
    if (event.type !== 'backoff') continue;
    const own = series.get(path) ?? { count: 0, lastMs: 0 };
    series.set(path, own);
    faults.push(...boundsOf(history, entry, own), ...clockOf(history, lives, entry));
    own.count++;
    own.lastMs = event.delayMs;
  }
  return faults;
};

/** A start by `restartChild` begins a new series. */
function isByHand(history: History, { event, n }: EventEntry): boolean {
  if (event.type !== 'starting') return false;
  const calls = ['start', 'restart', 'restartChild'];
  return history.entries.some((entry) => {
    if (entry.kind !== 'call' || entry.n > n || !calls.includes(entry.fn)) return false;
    const target = entry.child === undefined ? entry.path : `${entry.path}/${entry.child}`;
    return target === event.path && event.attempt === 0;
  });
}

function resetIfStable(
  history: History,
  lives: readonly LifeRecord[],
  ended: EventEntry,
  series: Map<string, Series>,
): void {
  const { path, incarnation } = ended.event;
  const own = series.get(path);
  const item = history.shape.at(path)?.plan;
  const life = lives.findLast(
    (each) => each.path === path && each.incarnation === incarnation && each.starting.n < ended.n,
  );
  const ready = life && first(life, 'ready');
  if (!own || !item || !ready) return;
  const readyMs = leftAt(history, life, ended) - ready.at;
  if (readyMs >= Math.max(backoffOf(item).resetAfterMs, own.lastMs)) series.delete(path);
}

/** When it was not ready any more: its body was over, or it was asked to stop. */
function leftAt(history: History, life: LifeRecord, ended: EventEntry): number {
  const asked = first(life, 'stop-requested');
  const ends = history.entries.find(
    (entry) =>
      entry.kind === 'body' &&
      (entry.what === 'ends' || entry.what === 'cancelled') &&
      entry.n > life.starting.n &&
      keyOf(entry) === keyOf(life),
  );
  const own = first(life, 'escalated', 'auto-shutdown', 'overdue');
  const times = [asked, ends, own, ended].flatMap((entry) => (entry ? [entry.at] : []));
  return Math.min(...times);
}

function boundsOf(history: History, entry: EventEntry, series: Series): string[] {
  const { event, n } = entry;
  const item = history.shape.at(event.path)?.plan;
  if (event.type !== 'backoff' || !item) return [];
  const { firstMs, maxMs, factor, jitter } = backoffOf(item);
  const about = `${event.path} at entry ${n}: delay ${event.delayMs}`;
  const faults: string[] = [];
  if (event.attempt !== series.count + 1) {
    faults.push(`${about} is number ${event.attempt} of its series, not ${series.count + 1}`);
  }
  const grown = firstMs === 0 ? 0 : firstMs * factor ** (event.attempt - 1);
  const ceiling = Math.min(maxMs, grown);
  const floor = jitter === 'none' ? ceiling : jitter === 'equal' ? ceiling / 2 : 0;
  if (event.delayMs > maxMs) faults.push(`${about} is above the maximum of ${maxMs}`);
  if (event.delayMs < Math.floor(floor) || event.delayMs > Math.ceil(ceiling)) {
    faults.push(`${about} is not within ${floor} and ${ceiling}`);
  }
  return faults;
}

/** From the end of the old incarnation; armed after the event; and the restart waits for it. */
function clockOf(history: History, lives: readonly LifeRecord[], entry: EventEntry): string[] {
  const { event, n, at } = entry;
  if (event.type !== 'backoff') return [];
  const faults: string[] = [];
  const { path, delayMs } = event;
  const old = lives.findLast((life) => life.path === path && life.starting.n < n);
  const end = old && first(old, 'unstopped', 'ended');
  if (end && end.at !== at)
    faults.push(`${path} ended at ${end.at} ms, its delay counts from ${at}`);
  const parent = parentOf(path);
  const next = eventsOf(history).find(
    (each) =>
      each.n > n &&
      ((each.event.path === path && each.event.type === 'starting') ||
        (each.event.path === parent && each.event.type === 'starting')),
  );
  if (next?.event.path !== path || isByHand(history, next)) return faults;
  // Called off; it comes back with a group.
  if (wasStopped(history, path, n, next.n)) return faults;
  if (next.at < at + delayMs)
    faults.push(`${path} starts at ${next.at} ms, before ${at} + ${delayMs}`);
  const armed = history.entries.find(
    (each) => each.kind === 'timer' && each.what === 'armed' && each.ms === delayMs && each.n > n,
  );
  const fired =
    armed?.kind === 'timer' &&
    history.entries.find(
      (each) => each.kind === 'timer' && each.what === 'fired' && each.timer === armed.timer,
    );
  if (!armed || !fired || fired.n > next.n) {
    faults.push(`${path} starts at entry ${next.n}, not by a timer that was armed after ${n}`);
  }
  return faults;
}

function wasStopped(history: History, path: string, from: number, to: number): boolean {
  return eventsOf(history).some(
    ({ n, event }) => n > from && n < to && event.path === path && event.type === 'stopped',
  );
}
