import type { Violation } from './invariant.ts';
import { sentence } from './report.ts';
import { timelinePage } from './timeline-page.ts';
import type { Trace, TraceEvent } from './trace.ts';

/** A stretch of time in which a place had one status. */
export interface Span {
  readonly status:
    | 'waiting'
    | 'starting'
    | 'running'
    | 'stopping'
    | 'backoff'
    | 'failed'
    | 'unstopped';
  readonly incarnation: number;
  /** Virtual milliseconds, and the positions of the events at both ends. */
  readonly from: number;
  readonly to: number;
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** A fault, or a call from outside, where it struck. */
export interface Pin {
  readonly at: number;
  readonly seq: number;
  readonly label: string;
  readonly kind: 'fault' | 'call';
}

/** What there is to see of one place. */
export interface Lane {
  readonly path: string;
  readonly isSupervisor: boolean;
  readonly spans: readonly Span[];
  readonly pins: readonly Pin[];
}

/** One line of the list of events. */
export interface EventLine {
  readonly seq: number;
  readonly at: number;
  readonly path: string;
  readonly incarnation: number;
  readonly type: string;
  readonly text: string;
}

export interface TimelineData {
  readonly title: string;
  readonly digest: string;
  readonly lanes: readonly Lane[];
  readonly events: readonly EventLine[];
  readonly violation: Violation | undefined;
}

/**
 * A trace as one page of HTML that needs nothing else: a lane for each place, colour for status,
 * pins for faults, a red line where an invariant broke. Light and dark, mouse and keyboard.
 */
export function timelineHtml(trace: Trace, violation?: Violation): string {
  return timelinePage({
    title: trace.events[0]?.path ?? 'trace',
    digest: trace.fingerprint.slice(0, 8),
    lanes: lanesOf(trace),
    events: trace.events.map((event) => ({
      seq: event.seq,
      at: event.at,
      path: event.path,
      incarnation: event.incarnation,
      type: event.type,
      text: sentence(event),
    })),
    violation,
  });
}

/** undefined: down, and nothing is to be drawn. */
const statusAfter: Partial<Record<TraceEvent['type'], Span['status'] | undefined>> = {
  waiting: 'waiting',
  suspended: 'waiting',
  starting: 'starting',
  ready: 'running',
  'start-failed': 'stopping',
  'stop-requested': 'stopping',
  escalated: 'stopping',
  'auto-shutdown': 'stopping',
  unstopped: 'unstopped',
  backoff: 'backoff',
  failed: 'failed',
  ignored: undefined,
  ended: undefined,
  stopped: undefined,
  dropped: undefined,
};

/** What is drawn of a trace, a lane for each place, parents before their children. */
export function lanesOf(trace: Trace): Lane[] {
  const lanes = new Map<string, { spans: Span[]; pins: Pin[] }>();
  const open = new Map<string, Span>();
  const laneOf = (path: string) => {
    const lane = lanes.get(path) ?? { spans: [], pins: [] };
    lanes.set(path, lane);
    return lane;
  };
  const close = (path: string, { at, seq }: TraceEvent) => {
    const span = open.get(path);
    open.delete(path);
    if (span) laneOf(path).spans.push({ ...span, to: at, toSeq: seq });
  };
  for (const event of trace) {
    const { path, at, seq, incarnation, type } = event;
    const lane = laneOf(path);
    const pin = pinOf(event);
    if (pin) lane.pins.push(pin);
    // Its body is over by itself: what follows is its cleanup.
    const isLeaving = type === 'aborted' && open.get(path)?.status === 'running';
    if (!(type in statusAfter) && !isLeaving) continue;
    const status = isLeaving ? 'stopping' : statusAfter[type];
    if (status !== undefined && open.get(path)?.status === status) continue;
    close(path, event);
    if (status) {
      open.set(path, { status, incarnation, from: at, to: at, fromSeq: seq, toSeq: seq });
    }
  }
  const last = trace.events.at(-1);
  if (last) for (const path of [...open.keys()]) close(path, last);
  const paths = [...lanes.keys()];
  return inTreeOrder(paths).map((path) => ({
    path,
    isSupervisor: paths.some((other) => other.startsWith(`${path}/`)),
    spans: lanes.get(path)?.spans ?? [],
    pins: lanes.get(path)?.pins ?? [],
  }));
}

function pinOf(event: TraceEvent): Pin | undefined {
  const { at, seq } = event;
  if (event.type === 'fault') return { at, seq, label: event.fault.kind, kind: 'fault' };
  if (event.type === 'call') return { at, seq, label: `${event.call}()`, kind: 'call' };
  if (event.type === 'signal') return { at, seq, label: event.signal, kind: 'call' };
  return undefined;
}

/** Every place directly under its supervisor, siblings as they first showed. */
function inTreeOrder(paths: readonly string[]): string[] {
  const known = new Set(paths);
  const parentOf = (path: string): string => {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    return parent === '' || known.has(parent) ? parent : parentOf(parent);
  };
  const children = Map.groupBy(paths, parentOf);
  const below = (path: string): string[] =>
    (children.get(path) ?? []).flatMap((child) => [child, ...below(child)]);
  return below('');
}
