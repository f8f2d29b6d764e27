import { eventsOf, type History } from '../harness/history.ts';

/** A time during which a supervisor takes its subtree down. */
export interface Halt {
  readonly path: string;
  /** Entry and virtual time of its begin. */
  readonly n: number;
  readonly at: number;
  /** The entry of its next start; Infinity when there is none. */
  readonly until: number;
}

const begins = ['stop-requested', 'escalated', 'auto-shutdown', 'start-failed'];
const known = new WeakMap<History, Halt[]>();

/** When a supervisor was halting: from the request or its own decision until it starts again. */
export function allHalts(history: History): Halt[] {
  const cached = known.get(history);
  if (cached) return cached;
  const halts: { path: string; n: number; at: number; until: number }[] = [];
  const open = new Map<string, { until: number }>();
  for (const { n, at, event } of eventsOf(history)) {
    const { path, type } = event;
    if (!history.shape.group(path)) continue;
    const now = open.get(path);
    if (type === 'starting' && now) {
      now.until = n;
      open.delete(path);
    } else if (begins.includes(type) && !now) {
      const halt = { path, n, at, until: Number.POSITIVE_INFINITY };
      halts.push(halt);
      open.set(path, halt);
    }
  }
  known.set(history, halts);
  return halts;
}

export function haltsOf(history: History, path: string): Halt[] {
  return allHalts(history).filter((halt) => halt.path === path);
}

/** Whether a supervisor was halting when an entry was made. */
export function isHaltingAt(history: History, path: string, n: number): boolean {
  return haltsOf(history, path).some((halt) => halt.n < n && n < halt.until);
}
