import { canonicalLine, type Trace, type TraceEvent } from './trace.ts';

/** One line of a comparison: in both, only in the first, or only in the second. */
export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly event: TraceEvent;
}

export interface TraceDiff {
  readonly isSame: boolean;
  /** Position of the first difference, from 1; undefined when there is none. */
  readonly firstAt: number | undefined;
  /** Every event of both, in order. */
  readonly lines: readonly DiffLine[];
}

/** Beyond this many cells the middle of two long traces is told as all out, all in. */
const mostCells = 4_000_000;

/** What two traces have in common and what not. Positions do not count: they shift. */
export function diffTraces(a: Trace, b: Trace): TraceDiff {
  const [left, right] = [a.events.map(keyOf), b.events.map(keyOf)];
  const shortest = Math.min(left.length, right.length);
  let start = 0;
  while (start < shortest && left[start] === right[start]) start++;
  let end = 0;
  while (end < shortest - start && left.at(-1 - end) === right.at(-1 - end)) end++;
  const both = (events: readonly TraceEvent[]) => events.map((event) => line(' ', event));
  const lines = [
    ...both(a.events.slice(0, start)),
    ...middle(
      a.events.slice(start, a.events.length - end),
      b.events.slice(start, b.events.length - end),
    ),
    ...both(a.events.slice(a.events.length - end)),
  ];
  const isSame = lines.every(({ sign }) => sign === ' ');
  return { isSame, firstAt: isSame ? undefined : start + 1, lines };
}

/** A comparison as text; `context` lines are kept around what differs. */
export function renderDiff({ isSame, lines }: TraceDiff, context = 3): string {
  if (isSame) return 'The traces are the same.\n';
  const isNear = lines.map((_, at) =>
    lines.slice(Math.max(0, at - context), at + context + 1).some(({ sign }) => sign !== ' '),
  );
  let skipped = 0;
  let text = '';
  const gap = () => {
    if (skipped > 0) text += `  … ${skipped} the same\n`;
    skipped = 0;
  };
  for (const [at, { sign, event }] of lines.entries()) {
    if (!isNear[at]) {
      skipped++;
      continue;
    }
    gap();
    const {
      seq: _seq,
      at: when,
      path,
      incarnation,
      type,
      ...rest
    } = JSON.parse(canonicalLine(event)) as TraceEvent;
    text += `${sign} ${String(when).padStart(8)} ${type} ${path}#${incarnation} ${JSON.stringify(rest)}\n`;
  }
  gap();
  return text;
}

function keyOf(event: TraceEvent): string {
  return canonicalLine({ ...event, seq: 0 });
}

function line(sign: DiffLine['sign'], event: TraceEvent): DiffLine {
  return { sign, event };
}

/** The longest common subsequence of what is left between the ends. */
function middle(a: readonly TraceEvent[], b: readonly TraceEvent[]): DiffLine[] {
  if (a.length * b.length > mostCells) {
    return [...a.map((event) => line('-', event)), ...b.map((event) => line('+', event))];
  }
  const left = a.map(keyOf);
  const right = b.map(keyOf);
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] as number;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && left[i] === right[j]) {
      lines.push(line(' ', a[i++] as TraceEvent));
      j++;
    } else if (j === b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(line('-', a[i++] as TraceEvent));
    } else {
      lines.push(line('+', b[j++] as TraceEvent));
    }
  }
  return lines;
}
