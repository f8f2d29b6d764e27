import { callsOf, eventsOf, type History } from '../harness/history.ts';
import type { EventEntry } from '../harness/log.ts';
import { isSequential, parentOf } from '../harness/shape.ts';
import {
  type Fold,
  fact,
  first,
  keyOf,
  type LifeRecord,
  livesOf,
  overOf,
  pairs,
} from './ledger.ts';

/** Rules 1 and 13: nothing starts before what it needs is ready, nor out of its turn. */
export const startOrder: Fold = (history) => {
  const lives = livesOf(history);
  return eventsOf(history)
    .filter(({ event }) => event.type === 'starting')
    .flatMap((starting) => [
      ...needsOf(history, lives, starting),
      ...turnOf(history, lives, starting),
    ]);
};

function latest(lives: readonly LifeRecord[], path: string, n: number): LifeRecord | undefined {
  return lives.findLast((life) => life.path === path && life.starting.n < n);
}

function needsOf(history: History, lives: readonly LifeRecord[], starting: EventEntry): string[] {
  const faults: string[] = [];
  const { event, n } = starting;
  for (const need of history.shape.service(event.path)?.needs ?? []) {
    if (need.optional) continue;
    const life = latest(lives, need.path, n);
    const ready = life && first(life, 'ready');
    const over = life && overOf(life);
    const isUp = ready && ready.n < n && !(over && over.n < n);
    const isOneShot = (history.shape.at(need.path)?.plan.restart ?? 'permanent') !== 'permanent';
    const isDone = life && over && isOneShot && returned(history, life, over);
    if (!isUp && !isDone)
      faults.push(`${keyOf(event)} starts at entry ${n}; ${need.path} is not ready`);
  }
  return faults;
}

/** Normally, even if its cleanup took too long. */
function returned(history: History, life: LifeRecord, over: EventEntry): boolean {
  if (over.event.type === 'ended') return over.event.reason === 'normal';
  const run = pairs(history).find((pair) => pair.life === life)?.run;
  return ['normal', 'final'].includes((run && fact(run, 'ends')?.detail) ?? '');
}

/** The first start of a sequential supervisor: each item after those before it. */
function turnOf(history: History, lives: readonly LifeRecord[], starting: EventEntry): string[] {
  const { event, n } = starting;
  const above = parentOf(event.path);
  const parent = above === undefined ? undefined : history.shape.group(above);
  const life = above === undefined ? undefined : latest(lives, above, n);
  const ready = life && first(life, 'ready');
  if (!parent || !life || !isSequential(parent) || (ready && ready.n < n)) return [];
  const isItsFirst = !eventsOf(history).some(
    (each) =>
      each.event.path === event.path &&
      each.event.type === 'starting' &&
      each.n > life.starting.n &&
      each.n < n,
  );
  const own = history.shape.at(event.path)?.index ?? 0;
  if (!isItsFirst || own >= parent.items.length || isCalledOff(history, event.path, n)) return [];
  return parent.items.slice(0, own).flatMap((item) => {
    const before = latest(lives, `${above}/${item.id}`, n);
    const isThere = before && before.starting.n > life.starting.n;
    const came = isThere && first(before, 'ready', 'ignored');
    const path = `${above}/${item.id}`;
    if (isCalledOff(history, path, n) || isGivenUp(history, path, life.starting.n, n)) return [];
    return came && came.n < n ? [] : [`${keyOf(event)} starts at entry ${n}, before ${item.id}`];
  });
}

/** With `firstStart: 'retry'` its start may fail for good, and its supervisor go on. */
function isGivenUp(history: History, path: string, from: number, to: number): boolean {
  const decides = history.shape.service(path)?.decide === 'stop';
  const ends = ['failed', 'dropped', 'stopped', ...(decides ? ['start-failed'] : [])];
  return eventsOf(history).some(
    ({ n, event }) => n > from && n < to && event.path === path && ends.includes(event.type),
  );
}

/** Stopped or restarted by a call during the start: there are no turns for it any more. */
function isCalledOff(history: History, path: string, n: number): boolean {
  return callsOf(history).some((call) => {
    const target = call.child === undefined ? call.path : `${call.path}/${call.child}`;
    return target === path && call.n < n && ['stop', 'restart', 'stopChild'].includes(call.fn);
  });
}
