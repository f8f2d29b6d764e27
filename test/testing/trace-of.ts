import { compileTree } from '../../src/define/compile.ts';
import type { AnySupervisor } from '../../src/define/definition.ts';
import { checkTrace, type Invariant, type Violation } from '../../src/testing/invariant.ts';
import { emptyPlan } from '../../src/testing/plan.ts';
import { Trace, type TraceEvent } from '../../src/testing/trace.ts';
import { TreeInfo } from '../../src/testing/tree-info.ts';

const error = { name: 'Error', message: 'no' };

/** What an event says when a line does not say otherwise. */
const said: Readonly<Record<string, object>> = {
  starting: { attempt: 0 },
  ready: { tookMs: 0 },
  waiting: { for: [] },
  suspended: { for: [] },
  'start-failed': { error },
  'stop-requested': { limitMs: 5_000 },
  unstopped: { limitMs: 5_000 },
  ended: { reason: 'shutdown' },
  backoff: { delayMs: 0, attempt: 1, used: 1, intensity: 3, periodMs: 10_000 },
  escalated: { culprit: 'app/a', used: 3, intensity: 3, periodMs: 10_000 },
  'auto-shutdown': { culprit: 'app/a' },
  finished: { pendingTimers: 0, isLivelock: false },
  uncaught: { message: 'no' },
  call: { call: 'stop' },
  hook: { hook: 'stop' },
  'context-used': { what: 'beat' },
  overdue: { limitMs: 1_000, sinceBeatMs: 1_000 },
  signal: { signal: 'SIGTERM', count: 1 },
};

/**
 * A trace by hand, an event a line: `100 ended app/a#1 {"reason":"error"}`. The time may be left out
 * where it is that of the line before.
 */
export function traceOf(text: string): Trace {
  let now = 0;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const events = lines.map((line, index) => {
    const match = /^\s*(\d+)?\s*([\w-]+) ([\w/]+)(?:#(\d+))?(?:\s+(\{.*\}))?\s*$/.exec(line);
    if (!match) throw new SyntaxError(`Not an event: ${line}`);
    const [, at, type = '', path, incarnation, data] = match;
    now = at === undefined ? now : Number(at);
    const place = { seq: index + 1, at: now, time: 0, path, incarnation: Number(incarnation ?? 0) };
    return { ...place, type, ...said[type], ...(data && JSON.parse(data)) } as TraceEvent;
  });
  return new Trace({ v: 1, tree: '', plan: emptyPlan, deterministic: true }, events);
}

export function treeOf(root: AnySupervisor): TreeInfo {
  return new TreeInfo(compileTree(root).root);
}

/** What one invariant has against a trace. */
export function violationsOf(invariant: Invariant, root: AnySupervisor, text: string): Violation[] {
  return checkTrace(treeOf(root), traceOf(text), [invariant]);
}

/** The messages only; and every violation must name events of the trace. */
export function messagesOf(invariant: Invariant, root: AnySupervisor, text: string): string[] {
  return violationsOf(invariant, root, text).map(({ message, evidence, invariant: name }) => {
    if (name !== invariant.name) throw new Error(`${invariant.name} calls itself ${name}.`);
    if (evidence.length === 0) throw new Error(`${name} proves nothing: ${message}`);
    return message;
  });
}
