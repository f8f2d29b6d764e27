import { Observable } from 'rxjs';
import { compileTree } from '../define/compile.ts';
import type { AnySupervisor } from '../define/definition.ts';
import type { LifecycleEvent } from '../events.ts';
import type { HandCall } from '../kernel/journal.ts';
import { checkTrace, type Invariant, type Knowledge, type Violation } from './invariant.ts';
import { supervisionInvariants } from './invariants/supervision.ts';
import { packTree, unpackTree } from './packed-tree.ts';
import { emptyPlan } from './plan.ts';
import { Trace, type TraceEvent } from './trace.ts';
import { TreeInfo } from './tree-info.ts';

/** The first line of a journal. */
interface JournalHeader {
  readonly journal: 1;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly tree: unknown;
  /** Calls on handles are in it as well. */
  readonly calls?: true;
}

/** What of a system a journal is written from. */
export interface Journaled {
  readonly events$: Observable<LifecycleEvent>;
  readonly calls$: Observable<HandCall>;
}

/**
 * The lines of a journal, each without its line break: first the tree, then an event or a call a line.
 * Subscribe before the system starts; completes when it has stopped. Stacks are left out.
 *
 * @param time when the journal begins, in milliseconds since the epoch
 */
export function journalLines(
  system: Journaled,
  definition: AnySupervisor,
  time: number,
): Observable<string> {
  return new Observable((subscriber) => {
    const header: JournalHeader = {
      journal: 1,
      time,
      tree: packTree(compileTree(definition).root),
      calls: true,
    };
    subscriber.next(JSON.stringify(header));
    subscriber.add(
      system.calls$.subscribe((call) => subscriber.next(JSON.stringify({ type: 'call', ...call }))),
    );
    return system.events$.subscribe({
      next: (event) => subscriber.next(JSON.stringify(event, withoutStack)),
      complete: () => subscriber.complete(),
      error: (error) => subscriber.error(error),
    });
  });
}

function withoutStack(key: string, value: unknown): unknown {
  return key === 'stack' ? undefined : value;
}

/** What a journal says of one run of a system. */
export interface JournalRun {
  readonly tree: TreeInfo;
  readonly trace: Trace;
  /** The last line was cut off, as when a process is killed while it writes. */
  readonly isCut: boolean;
  /** Positions after which events are missing: lines were lost. */
  readonly gaps: readonly number[];
  /** It says what was asked of places by their handles. */
  readonly hasCalls: boolean;
}

/**
 * Reads the text of a journal: a run for each first line in it, for a file that was appended to.
 *
 * @throws SyntaxError for a line that is neither JSON nor the last
 */
export function readJournal(text: string): JournalRun[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const runs: { header: JournalHeader; events: TraceEvent[]; isCut: boolean }[] = [];
  for (const [index, line] of lines.entries()) {
    const value = parsed(line);
    const isLast = index === lines.length - 1;
    const run = runs.at(-1);
    if (value === undefined) {
      // The process that wrote it was cut off, and started again in the same file.
      const isFollowedByRun = isHeader(parsed(lines[index + 1] ?? ''));
      if (!run || (!isLast && !isFollowedByRun)) {
        throw new SyntaxError(`Line ${index + 1} of the journal is not JSON.`);
      }
      run.isCut = true;
    } else if (isHeader(value)) {
      runs.push({ header: value, events: [], isCut: false });
    } else if (run) {
      run.events.push(value as TraceEvent);
    } else {
      throw new SyntaxError('The first line of a journal holds its tree; this one does not.');
    }
  }
  return runs.map(({ header, events, isCut }) => runOf(header, events, isCut));
}

function parsed(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHeader(value: unknown): value is JournalHeader {
  return typeof value === 'object' && value !== null && 'journal' in value;
}

function runOf(
  { tree: packed, calls }: JournalHeader,
  lines: TraceEvent[],
  isCut: boolean,
): JournalRun {
  const tree = new TreeInfo(unpackTree(packed));
  const numbers = lines.flatMap(({ type, seq }) => (type === 'call' ? [] : [seq]));
  const gaps = numbers.flatMap((seq, index) => {
    const before = numbers[index - 1] ?? 0;
    return seq === before + 1 ? [] : [before];
  });
  // Calls have no number among the events of a system, but a place between them.
  const events = lines.map((line, index) => ({ ...line, seq: index + 1 }));
  const header = { v: 1, tree: tree.digest, plan: emptyPlan, deterministic: false } as const;
  return { tree, trace: new Trace(header, events), isCut, gaps, hasCalls: calls === true };
}

/** What a run has evidence for, beside its events. */
function knowledgeOf({ trace, hasCalls }: JournalRun): ReadonlySet<Knowledge> {
  const last = trace.events.at(-1);
  const isOver = last?.type === 'phase' && last.phase === 'stopped';
  return new Set([...(hasCalls ? ['calls' as const] : []), ...(isOver ? ['end' as const] : [])]);
}

const reasons: Readonly<Record<Knowledge, string>> = {
  answers: 'a log does not say what callers hear',
  bodies: 'a log does not say what bodies do',
  calls: 'it was written without the calls on handles',
  end: 'it does not go on to the end of the run',
  instants: 'the timers of a real process are late, so that no instant is ever over for sure',
  'whole-run': 'only a simulation sees a run to its very end',
};

/** An invariant that a log says too little for. */
export interface Unjudged {
  readonly invariant: string;
  readonly why: string;
}

export interface LogCheck {
  readonly violations: readonly Violation[];
  readonly unjudged: readonly Unjudged[];
}

/** By how much the timers of a real process may be late without anybody to blame. */
const realSlackMs = 250;

/** Looks at a run that really was with every invariant that can be judged from its log. */
export function checkLog(
  run: JournalRun,
  invariants: readonly Invariant[] = supervisionInvariants,
): LogCheck {
  const { tree, trace, gaps } = run;
  const known = knowledgeOf(run);
  const unjudged = invariants.flatMap(({ name, needs = [] }) => {
    const why = needs.filter((need) => !known.has(need)).map((need) => reasons[need]);
    if (gaps.length > 0) why.push('lines of it are missing');
    return why.length === 0 ? [] : [{ invariant: name, why: why.join('; ') }];
  });
  const names = new Set(unjudged.map(({ invariant }) => invariant));
  const judged = invariants.filter(({ name }) => !names.has(name));
  return { violations: checkTrace(tree, trace, judged, { slackMs: realSlackMs }), unjudged };
}
