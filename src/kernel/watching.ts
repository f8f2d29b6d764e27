import { DarumaError } from '../errors.ts';
import type { Kernel } from './kernel.ts';
import type { Status } from './node.ts';
import type { Ref, WatchedEnd } from './ref.ts';

/** Calls back once when a place is down for good; see `Ref.watch`. */
export function watchEnd(
  kernel: Kernel,
  ref: Ref,
  callback: (end: WatchedEnd) => void,
): () => void {
  const { board, clock, journal, tree } = kernel;
  let isOver = false;
  let timer: unknown;
  const disarm = () => {
    if (timer !== undefined) clock.clearTimeout(timer);
    timer = undefined;
  };
  const stop = () => {
    isOver = true;
    disarm();
    forget();
  };
  const tell = () => {
    const status = ref.status();
    if (isOver || !isDownForGood(status) || mayComeBack(kernel, ref.path)) return;
    stop();
    try {
      callback({ path: ref.path, status, reason: tree.get(ref.path)?.lastEnd?.reason });
    } catch (error) {
      journal.reportListener(error);
    }
  };
  // Two turns: a supervisor decides in the turn after the one in which its child ended.
  const look = (turns: number) => {
    disarm();
    if (!isDownForGood(ref.status())) return;
    timer = clock.setTimeout(() => (turns > 0 ? look(turns - 1) : tell()), 0);
  };
  const forget = board.watch(ref.path, () => look(1));
  look(1);
  return stop;
}

/** Resolves when a place is running; rejects when it is down for good. */
export function whenReady(kernel: Kernel, ref: Ref): Promise<void> {
  return new Promise((resolve, reject) => {
    const undo: (() => void)[] = [];
    const settle = (how: () => void) => {
      for (const step of undo) step();
      how();
    };
    const look = () => {
      if (ref.status() === 'running') settle(resolve);
    };
    undo.push(
      watchEnd(kernel, ref, (end) => settle(() => reject(notComingError(end)))),
      kernel.board.watch(ref.path, look),
    );
    look();
  });
}

function notComingError({ path, status }: WatchedEnd): DarumaError {
  return new DarumaError(
    'DARUMA_NOT_RUNNING',
    `${path} is ${status} and will not start by itself.`,
    { path, hint: 'ref.explain() says why.' },
  );
}

/** Nothing has started yet, or a supervisor above is going down and may be restarted. */
function mayComeBack({ journal, tree }: Kernel, path: string): boolean {
  // Nobody decides any more about what was cut off.
  if (journal.isClosed) return false;
  let top = tree.get(path);
  for (let node = top?.parent; node; node = node.parent) {
    if (node.status === 'stopping' || node.isUndecided) return true;
    top = node;
  }
  // Without an actor at the top the system has not been started yet.
  return top !== undefined && top.actor === undefined;
}

function isDownForGood(status: Status): boolean {
  return ['stopped', 'failed', 'unstopped', 'absent'].includes(status);
}
