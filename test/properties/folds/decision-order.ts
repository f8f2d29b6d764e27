import { callsOf, eventsOf, type History } from '../harness/history.ts';
import type { EventEntry } from '../harness/log.ts';
import { parentOf, pathsAbove } from '../harness/shape.ts';
import { GroupTracker } from './group-tracker.ts';
import { isHaltingAt } from './halting.ts';
import { type Fold, keyOf, livesOf, overOf, runsOf } from './ledger.ts';

type Consequence = 'restart' | 'escalate' | 'none';

/**
 * 10. On an exit: expected, then the restart type, then `decide`, then the budget, then the charge.
 * A supervisor takes all the exits that are there before it decides about the first.
 */
export const decisionOrder: Fold = (history) => {
  return [
    ...consequences(history),
    ...causes(history),
    ...questions(history),
    ...together(history),
  ];
};

/** What follows from an exit, its budget apart. */
function expectedOf(history: History, { event }: EventEntry): Consequence {
  const item = history.shape.at(event.path)?.plan;
  if (event.type !== 'ended' || !item) return 'none';
  const restart = item.restart ?? 'permanent';
  if (restart === 'temporary') return 'none';
  if (restart === 'transient' && event.reason === 'normal') return 'none';
  if (item.kind === 'group' || event.reason !== 'error') return 'restart';
  if (item.decide === 'stop') return 'none';
  return item.decide === 'escalate' ? 'escalate' : 'restart';
}

function isOwnExit({ event }: EventEntry): boolean {
  return (
    event.type === 'ended' && ['normal', 'error', 'RestartLimitExceeded'].includes(event.reason)
  );
}

function consequences(history: History): string[] {
  const faults: string[] = [];
  for (const entry of eventsOf(history)) {
    const parent = parentOf(entry.event.path);
    if (!isOwnExit(entry) || parent === undefined) continue;
    const { path } = entry.event;
    const next = nextAbout(history, path, parent, entry.n);
    const isHalting = pathsAbove(path).some(
      (above) => isHaltingAt(history, above, entry.n) || haltsWithin(history, above, entry),
    );
    if (isHalting || isAbsorbed(history, entry) || isOrphaned(history, entry)) continue;
    if (isDisturbed(history, entry)) continue;
    const expected = expectedOf(history, entry);
    const got = next?.event.type ?? 'nothing';
    const isRestart = ['backoff', 'failed', 'escalated'].includes(got) && next?.at === entry.at;
    const isRight =
      expected === 'restart'
        ? isRestart
        : expected === 'escalate'
          ? got === 'escalated'
          : !isRestart;
    const name = `${keyOf(entry.event)} ended at entry ${entry.n}`;
    if (!isRight) faults.push(`${name}: expected ${expected}, got ${got}`);
  }
  return faults;
}

/** The decision about it: the first of these events after its end. */
function nextAbout(
  history: History,
  path: string,
  parent: string,
  n: number,
): EventEntry | undefined {
  return eventsOf(history).find(({ n: at, event }) => {
    if (at <= n) return false;
    if (event.type === 'escalated' || event.type === 'auto-shutdown') {
      return event.path === parent && event.culprit === path;
    }
    const decisive = ['backoff', 'failed', 'dropped', 'starting', 'stopped', 'suspended'];
    return event.path === path && decisive.includes(event.type);
  });
}

/** The supervisor is taken down in the same instant, for another reason, before it could decide. */
function haltsWithin(history: History, path: string, exit: EventEntry): boolean {
  return eventsOf(history).some(({ n, at, event }) => {
    if (n < exit.n || at !== exit.at || event.path !== path) return false;
    if (event.type === 'escalated' || event.type === 'auto-shutdown') {
      return event.culprit !== exit.event.path;
    }
    return event.type === 'stop-requested' || event.type === 'start-failed';
  });
}

/** A sibling's group takes it along in the same instant. */
function isAbsorbed(history: History, exit: EventEntry): boolean {
  const groups = new GroupTracker(history);
  for (const entry of eventsOf(history)) {
    if (entry.n > exit.n && entry.at > exit.at) break;
    const isOwn = entry.n > exit.n && entry.event.path === exit.event.path;
    const isDecision =
      isOwn && ['backoff', 'failed', 'dropped', 'starting'].includes(entry.event.type);
    if (isDecision) break;
    groups.see(entry);
  }
  return groups.has(exit.event.path);
}

/** The service that spawned it comes to its own end. */
function isOrphaned(history: History, { event, at }: EventEntry): boolean {
  const parent = parentOf(event.path) ?? '';
  const run = runsOf(history).findLast(
    (each) => each.path === parent && (each.entries[0]?.at ?? 0) <= at,
  );
  return (
    run?.entries.some(
      ({ what, at: when }) => when <= at && (what === 'ends' || what === 'cancelled'),
    ) ?? false
  );
}

/** Somebody called for it, or a need of it went down, in the same instant. */
function isDisturbed(history: History, { event, at }: EventEntry): boolean {
  const isCalled = callsOf(history).some(({ path, child, at: when }) => {
    const target = child === undefined ? path : `${path}/${child}`;
    return target === event.path && when === at;
  });
  return (
    isCalled ||
    livesOf(history).some((life) => {
      return (
        life.path === event.path &&
        life.starting.at === at &&
        life.starting.n > 0 &&
        isByCall(history, life.starting)
      );
    })
  );
}

function isByCall(history: History, starting: EventEntry): boolean {
  return callsOf(history).some(({ path, child, what, n }) => {
    const target = child === undefined ? path : `${path}/${child}`;
    return what === 'begins' && target === starting.event.path && n < starting.n;
  });
}

/** Only what ended by itself is charged. */
function causes(history: History): string[] {
  const faults: string[] = [];
  const lives = livesOf(history);
  for (const { event, n } of eventsOf(history)) {
    if (event.type !== 'backoff') continue;
    const life = lives.findLast((each) => each.path === event.path && each.starting.n < n);
    const over = life && overOf(life);
    const isService = history.shape.service(event.path) !== undefined;
    const reason = over?.event.type === 'ended' ? over.event.reason : undefined;
    if (reason === 'killed' || (reason === 'shutdown' && isService)) {
      faults.push(`${keyOf(event)} is charged at entry ${n} for an end that was asked for`);
    }
  }
  return faults;
}

/** `decide` is asked about errors only, and only where there is something to decide. */
function questions(history: History): string[] {
  return runsOf(history).flatMap((run) => {
    const restart = history.shape.service(run.path)?.restart;
    return run.entries
      .filter(({ what }) => what === 'decide' && restart === 'temporary')
      .map(({ n }) => `${keyOf(run)} is temporary, and its decide is asked at entry ${n}`);
  });
}

/** The ends of one step come before the first decision about any of them. */
function together(history: History): string[] {
  const faults: string[] = [];
  for (const entry of history.entries) {
    const step = entry.kind === 'step' ? history.plan.steps[entry.step] : undefined;
    if (step?.do !== 'exit' || step.paths.length < 2) continue;
    const until = history.entries.find((each) => each.kind === 'step' && each.n > entry.n)?.n ?? 0;
    const within = eventsOf(history).filter(({ n }) => n > entry.n && n < until);
    for (const path of step.paths) {
      const parent = parentOf(path);
      const plan = history.shape.service(path);
      // A cleanup, even of no time at all, comes later.
      if (plan?.cleanup !== undefined || plan?.stopHook !== undefined || plan?.spawns) continue;
      const ended = within.find((each) => each.event.path === path && isOwnExit(each));
      const decision = within.find(
        ({ event }) =>
          event.type === 'backoff' &&
          parentOf(event.path) === parent &&
          step.paths.includes(event.path),
      );
      if (ended && decision && decision.n < ended.n && isOfStep(history, path, entry.n, ended.n)) {
        faults.push(`${path} ended at entry ${ended.n}, after the decision at ${decision.n}`);
      }
    }
  }
  return faults;
}

/** It was woken by the step, and did not end otherwise. */
function isOfStep(history: History, path: string, from: number, to: number): boolean {
  const decided = eventsOf(history).find(({ n, event }) => n > from && event.type === 'backoff');
  return history.entries.some(
    ({ kind, n, ...rest }) =>
      kind === 'body' &&
      n > from &&
      n < Math.min(to, decided?.n ?? to) &&
      'what' in rest &&
      rest.what === 'ends' &&
      'path' in rest &&
      rest.path === path,
  );
}
