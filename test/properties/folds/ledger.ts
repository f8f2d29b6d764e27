import { bodiesOf, eventsOf, type History } from '../harness/history.ts';
import type { BodyEntry, EventEntry } from '../harness/log.ts';

/** What is wrong with a history: one sentence each; empty when nothing is. */
export type Fold = (history: History) => string[];

type Type = EventEntry['event']['type'];

/** One incarnation as the events tell it. */
export interface LifeRecord {
  readonly path: string;
  readonly incarnation: number;
  readonly starting: EventEntry;
  readonly events: EventEntry[];
}

/** One body as it knows itself. */
export interface RunRecord {
  readonly run: number;
  readonly path: string;
  readonly incarnation: number;
  readonly entries: BodyEntry[];
}

export const keyOf = ({ path, incarnation }: { path: string; incarnation: number }): string =>
  `${path}#${incarnation}`;

/** What one incarnation says; everything else is said about its place. */
const ofLives: ReadonlySet<Type> = new Set<Type>([
  'starting',
  'ready',
  'ignored',
  'start-failed',
  'stop-requested',
  'stop-error',
  'ended',
  'unstopped',
  'escalated',
  'auto-shutdown',
  'overdue',
]);

/** Folds ask the same questions of a history again and again. */
function remembered<Answer>(find: (history: History) => Answer): (history: History) => Answer {
  const known = new WeakMap<History, Answer>();
  return (history) => {
    const answer = known.get(history) ?? find(history);
    known.set(history, answer);
    return answer;
  };
}

export const livesOf = remembered((history): LifeRecord[] => {
  const lives: LifeRecord[] = [];
  const current = new Map<string, LifeRecord>();
  for (const entry of eventsOf(history)) {
    const { event } = entry;
    if (!ofLives.has(event.type)) continue;
    if (event.type === 'starting') {
      const { path, incarnation } = event;
      const life = { path, incarnation, starting: entry, events: [] };
      lives.push(life);
      current.set(keyOf(event), life);
    }
    current.get(keyOf(event))?.events.push(entry);
  }
  return lives;
});

export const runsOf = remembered((history): RunRecord[] => {
  const runs = new Map<number, RunRecord>();
  for (const entry of bodiesOf(history)) {
    const { run, path, incarnation } = entry;
    const known = runs.get(run) ?? { run, path, incarnation, entries: [] };
    known.entries.push(entry);
    runs.set(run, known);
  }
  return [...runs.values()];
});

export function first(life: LifeRecord, ...types: Type[]): EventEntry | undefined {
  return life.events.find(({ event }) => types.includes(event.type));
}

/** The event with which an incarnation was over, where there is one. */
export function overOf(life: LifeRecord): EventEntry | undefined {
  return first(life, 'ended', 'unstopped', 'ignored');
}

/**
 * It was abandoned: declared unstopped, or killed. A brutal one may be cut off in its cleanup
 * without a word.
 */
export function abandonedAt(history: History, life: LifeRecord): EventEntry | undefined {
  const isBrutal = history.shape.service(life.path)?.stopWithin === 'brutal';
  return life.events.find(
    ({ event }) =>
      event.type === 'unstopped' ||
      (event.type === 'ended' && (isBrutal || event.reason === 'killed')),
  );
}

export function fact(
  run: RunRecord,
  what: BodyEntry['what'],
  detail?: string,
): BodyEntry | undefined {
  return run.entries.find(
    (entry) => entry.what === what && (detail === undefined || entry.detail === detail),
  );
}

/** Whether the body, its cleanup, its stop hook and its inner actors are over by entry `n`. */
export function isDoneBy(history: History, run: RunRecord, n: number): boolean {
  const before = run.entries.filter((entry) => entry.n < n);
  const count = (what: BodyEntry['what']) => before.filter((entry) => entry.what === what).length;
  if (count('ends') === 0) return false;
  if (count('stop-hook-begins') > count('stop-hook-ends')) return false;
  if (count('inner-begins') > count('inner-ends')) return false;
  if (history.shape.service(run.path)?.cleanup === undefined) return true;
  return before.some(({ what, detail }) => what === 'cleanup-ends' && detail === 'outer');
}

/** Every body with the incarnation that it ran for. */
export const pairs = remembered((history) => {
  const lives = new Map<string, LifeRecord[]>();
  for (const life of livesOf(history)) {
    lives.set(keyOf(life), [...(lives.get(keyOf(life)) ?? []), life]);
  }
  return runsOf(history).map((run): Pair => {
    const begins = run.entries[0]?.n ?? 0;
    const life = lives.get(keyOf(run))?.findLast(({ starting }) => starting.n < begins);
    return { run, life };
  });
});

export interface Pair {
  readonly run: RunRecord;
  readonly life: LifeRecord | undefined;
}
