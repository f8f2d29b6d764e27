import { eventsOf, type History } from '../harness/history.ts';
import type { EventEntry } from '../harness/log.ts';
import { parentOf } from '../harness/shape.ts';
import { GroupTracker } from './group-tracker.ts';
import type { Fold } from './ledger.ts';

const defaultPeriodMs = 60_000;

/**
 * 8. In any window of one period, both edges inside, exactly `intensity` restarts: no more are
 * charged, and nobody gives up with fewer. A group restart is one charge, to the culprit.
 */
export const intensity: Fold = (history) => {
  const faults: string[] = [];
  const charges = new Map<string, number[]>();
  const isDecided = decidedToEscalate(history);
  for (const entry of eventsOf(history)) {
    const { event, at } = entry;
    const { path } = event;
    if (event.type === 'starting') charges.set(path, []);
    const group = event.type === 'escalated' ? path : parentOf(path);
    const plan = group === undefined ? undefined : history.shape.group(group);
    if (group === undefined || !plan) continue;
    const allowed = plan.intensity ?? Number.NaN;
    const periodMs = plan.period ?? defaultPeriodMs;
    const window = (charges.get(group) ?? []).filter((charge) => charge >= at - periodMs);
    if (event.type === 'backoff') {
      window.push(at);
      if (window.length > allowed)
        faults.push(`${path} is restart ${window.length} of ${allowed} at ${at} ms`);
      if (event.used !== window.length) {
        faults.push(`${path} is restart ${window.length} at ${at} ms, reported as ${event.used}`);
      }
    } else if (event.type === 'failed' || (event.type === 'escalated' && !isDecided(entry))) {
      if (window.length !== allowed) {
        faults.push(
          `${event.type} ${path} at ${at} ms after ${window.length} restarts of ${allowed}`,
        );
      }
    }
    charges.set(
      group,
      event.type === 'backoff' ? [...(charges.get(group) ?? []), at] : (charges.get(group) ?? []),
    );
  }
  return [...faults, ...groupCharges(history)];
};

/** Whether a child's own `decide` made its supervisor escalate. */
function decidedToEscalate(history: History): (entry: EventEntry) => boolean {
  return ({ event, at }) =>
    event.type === 'escalated' &&
    history.shape.service(event.culprit)?.decide === 'escalate' &&
    history.entries.some(
      (each) =>
        each.kind === 'body' &&
        each.what === 'decide' &&
        each.path === event.culprit &&
        each.at <= at,
    );
}

/** A member of a group that is going down or waits is not charged a second time. */
function groupCharges(history: History): string[] {
  const faults: string[] = [];
  const groups = new GroupTracker(history);
  for (const entry of eventsOf(history)) {
    const { event, n } = entry;
    if (event.type === 'backoff' && groups.has(event.path)) {
      faults.push(`${event.path} is charged at entry ${n}, while its group goes down`);
    }
    groups.see(entry);
  }
  return faults;
}
