import type { Violation } from '../invariant.ts';
import { canonicalLine, type Trace, type TraceEvent } from '../trace.ts';
import type { TreeInfo } from '../tree-info.ts';
import { Book } from './book.ts';
import { violationOf } from './violation.ts';

const fixpointViolation = violationOf('fixpoint');
const timeViolation = violationOf('monotonicTime');

/** The state of each place of the definition when the system began to stop. */
export function settledStates(tree: TreeInfo, trace: Trace): Map<string, string> {
  const book = new Book(tree);
  for (const event of trace) {
    const isStop = event.type === 'call' && event.path === tree.root.name;
    if (isStop || (event.type === 'phase' && event.phase === 'stopping')) break;
    book.take(event);
  }
  return new Map([...tree.items.keys()].map((path) => [path, book.place(path).state]));
}

/** Shut down and booted again, a tree comes to rest as it does after a fresh boot. */
export function fixpoint(tree: TreeInfo, fresh: Trace, again: Trace): Violation | undefined {
  const before = settledStates(tree, fresh);
  const after = settledStates(tree, again);
  for (const [path, state] of before) {
    if (after.get(path) === state) continue;
    const last = again.of(path).at(-1) ?? again.events.at(-1);
    if (!last) return undefined;
    return fixpointViolation(
      last,
      `${path} is ${state} after a fresh boot, and ${after.get(path)} after another one.`,
    );
  }
  return undefined;
}

const ofTheSimulation: readonly TraceEvent['type'][] = [
  'fault',
  'note',
  'stored',
  'bus',
  'job-kept',
  'job-handler',
  'finished',
  'escape',
];

/** Windows and backoffs do not depend on the time of day: a jump of it changes nothing. */
export function monotonicTime(plain: Trace, jumped: Trace): Violation | undefined {
  const expected = lifecycleOf(plain);
  const got = lifecycleOf(jumped);
  const at = got.findIndex((event, index) => lineOf(event) !== lineOf(expected[index]));
  const first = at === -1 && got.length < expected.length ? got.at(-1) : got[at];
  if (!first) return undefined;
  return timeViolation(
    first,
    `With the clock set, '${first.type}' of ${first.path} at ${first.at} ms is not what happens without.`,
  );
}

function lifecycleOf(trace: Trace): TraceEvent[] {
  return trace.events.filter(({ type }) => !ofTheSimulation.includes(type));
}

function lineOf(event: TraceEvent | undefined): string | undefined {
  return event && canonicalLine({ ...event, seq: 0 });
}
