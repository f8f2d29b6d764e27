import { callsOf, eventsOf, type History } from '../harness/history.ts';
import type { EventEntry } from '../harness/log.ts';
import { isBelow, isSequential, parentOf, pathsAbove } from '../harness/shape.ts';
import { allHalts, isHaltingAt } from './halting.ts';
import { type Fold, first, keyOf, type LifeRecord, livesOf, overOf } from './ledger.ts';

/**
 * 6. A stop freezes the whole subtree: nothing below starts or is scheduled, calls are refused.
 * Then it stops in exact reverse order, dependants before what they need.
 */
export const freeze: Fold = (history) => {
  const lives = livesOf(history);
  // Forced: nobody waits for anybody any more.
  const forced = eventsOf(history).find(({ event }) => event.type === 'cut-off');
  return [
    ...startsUnderHalt(history),
    ...callsUnderHalt(history),
    ...eventsOf(history)
      .filter((entry) => isStop(entry) && entry.n < (forced?.n ?? Number.POSITIVE_INFINITY))
      .flatMap((stop) => [
        ...laterSiblings(history, lives, stop),
        ...dependants(history, lives, stop),
      ]),
  ];
};

function isStop({ event }: EventEntry): boolean {
  return event.type === 'stop-requested' || (event.type === 'ended' && event.reason === 'killed');
}

function startsUnderHalt(history: History): string[] {
  const faults: string[] = [];
  for (const { event, n } of eventsOf(history)) {
    if (event.type !== 'starting' && event.type !== 'backoff') continue;
    const halting = pathsAbove(event.path).find((above) => isHaltingAt(history, above, n));
    if (halting)
      faults.push(`${event.type} ${event.path} at entry ${n}, while ${halting} is halting`);
  }
  return faults;
}

/** That a child is not there, or can never be called so, may be known before. */
const refusals = new Set<string | undefined>([
  'DARUMA_NOT_RUNNING',
  'DARUMA_NOT_FOUND',
  'DARUMA_NOT_SUPPORTED',
]);

/** Calls to any supervisor of a halting subtree answer that it is not running. */
function callsUnderHalt(history: History): string[] {
  const faults: string[] = [];
  const results = new Map(
    callsOf(history)
      .filter(({ what }) => what === 'ends')
      .map(({ call, result }) => [call, result]),
  );
  const onParent = ['start', 'stop', 'restart'];
  const onGroup = ['startChild', 'stopChild', 'restartChild', 'removeChild'];
  for (const { what, call, fn, path, n } of callsOf(history)) {
    if (what !== 'begins') continue;
    const called = onParent.includes(fn) ? parentOf(path) : onGroup.includes(fn) ? path : undefined;
    if (called === undefined || !history.shape.group(called)) continue;
    const isHalting = [called, ...pathsAbove(called)].some((at) => isHaltingAt(history, at, n));
    const result = results.get(call);
    if (!isHalting || refusals.has(result)) continue;
    faults.push(`${fn} ${path} at entry ${n}, while it is halting: ${result}`);
  }
  return faults;
}

/** Its latest incarnation at an entry, if that is not over then. */
function upAt(lives: readonly LifeRecord[], path: string, n: number): LifeRecord | undefined {
  const life = lives.findLast((each) => each.path === path && each.starting.n < n);
  if (!life || (overOf(life)?.n ?? n + 1) < n) return undefined;
  // A failed start says no more when its cleanup is over.
  return (first(life, 'start-failed')?.n ?? n + 1) < n ? undefined : life;
}

function laterSiblings(history: History, lives: readonly LifeRecord[], stop: EventEntry): string[] {
  const { path } = stop.event;
  const above = parentOf(path);
  const parent = above === undefined ? undefined : history.shape.group(above);
  if (above === undefined || !parent || !isSequential(parent)) return [];
  if (!isHaltingAt(history, above, stop.n) || isPending(history, stop)) return [];
  const own = history.shape.at(path)?.index ?? 0;
  return lives
    .filter((life) => parentOf(life.path) === above && isLater(history, life.path, own))
    .filter((life, index, all) => all.findIndex(({ path: p }) => p === life.path) === index)
    .filter((life) => upAt(lives, life.path, stop.n))
    .map((life) => `${path} is stopped at entry ${stop.n}, before ${keyOf(life)} is down`);
}

/**
 * A call or the loss of a need came before the shutdown, and has it stopped as soon as its dependants
 * are down.
 */
function isPending(history: History, { event, n }: EventEntry): boolean {
  const lives = livesOf(history);
  const needs = history.shape.service(event.path)?.needs ?? [];
  if (needs.some(({ path }) => !upAt(lives, path, n))) return true;
  const calls = callsOf(history).filter(({ path, child, fn }) => {
    const target = child === undefined ? path : `${path}/${child}`;
    return target === event.path && ['stop', 'restart', 'stopChild'].includes(fn);
  });
  return calls.some(
    (begin) =>
      begin.what === 'begins' &&
      begin.n < n &&
      !calls.some((end) => end.call === begin.call && end.what === 'ends' && end.n < n),
  );
}

function isLater(history: History, path: string, index: number): boolean {
  return (history.shape.at(path)?.index ?? -1) > index;
}

/** Rule 14: those with `keep`, and those that could do without, only in a common shutdown. */
function dependants(history: History, lives: readonly LifeRecord[], stop: EventEntry): string[] {
  const { path } = stop.event;
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { path: other } of lives) {
    const plan = seen.has(other) ? undefined : history.shape.service(other);
    seen.add(other);
    const need = plan?.needs?.find((each) => each.path === path);
    if (!plan || !need || isBelow(other, path) || !upAt(lives, other, stop.n)) continue;
    const goes = (plan.onLoss ?? 'suspend') === 'suspend' && !need.optional;
    const together = allHalts(history).some(
      (halt) =>
        isBelow(path, halt.path) &&
        isBelow(other, halt.path) &&
        isHaltingAt(history, halt.path, stop.n),
    );
    if (goes || together)
      faults.push(`${path} is stopped at entry ${stop.n}, before its dependant ${other}`);
  }
  return faults;
}
