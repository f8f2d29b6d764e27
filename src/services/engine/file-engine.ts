import { unowned } from '../../kernel/attribution.ts';
import {
  type Engine,
  EngineError,
  type EngineFailure,
  type Request,
  type ResultsOf,
  type Step,
} from './engine.ts';
import { closedFailure, type FileFacts, lostFailure, overloadedFailure } from './failures.ts';
import { FileWatch } from './file-watch.ts';
import { type Answer, type OpenThread, openThread, type Thread, workerUrl } from './thread.ts';
import { Watchers } from './watchers.ts';

/** Of one commit, at most: cloning more at once would hold up the event loop. */
const groupSize = 512;
const groupBytes = 4 * 1024 * 1024;
/** What a request weighs in memory, beside its texts. */
const requestBytes = 256;

export interface FileEngineOptions extends FileFacts {
  /** What may wait to be stored, in bytes. */
  readonly maxPendingBytes: number;
  /** The file is open, for the first time or again after the thread was lost. */
  readonly onOpen?: () => void;
  /** The file cannot be opened, or the thread was lost. */
  readonly onTrouble?: (failure: EngineFailure) => void;
}

interface Waiting {
  readonly request: Request;
  readonly bytes: number;
  readonly resolve: (results: readonly unknown[]) => void;
  readonly reject: (error: EngineError) => void;
}

/**
 * A SQLite file, open in a thread of its own.
 *
 * 1. One group of requests is under way at a time. What is submitted meanwhile waits here and shares
 *    the next commit: many writes wait for the disk once, and the queue is in one place.
 * 2. When the thread is lost, what was under way is rejected, as nobody knows whether it is stored;
 *    what waited here goes to a new thread. A thread that is lost before it has answered anything is
 *    not replaced: then everything is rejected from then on.
 * 3. The process stays up for what is under way, and for nothing else.
 */
export class FileEngine implements Engine {
  readonly #options: FileEngineOptions;
  readonly #openThread: OpenThread;
  readonly #watchers = new Watchers();
  #fileWatch: FileWatch | undefined;
  #waiting: Waiting[] = [];
  #underWay: readonly Waiting[] | undefined;
  #pendingBytes = 0;
  #thread: Thread | undefined;
  #isOpen = false;
  #hasAnswered = false;
  #isPumpDue = false;
  #refusal: EngineFailure | undefined;
  #isClosing = false;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(options: FileEngineOptions, open: OpenThread = openThread) {
    this.#options = options;
    this.#openThread = open;
  }

  submit<const Steps extends readonly Step[]>(
    steps: Steps,
    { isRehearsal = false } = {},
  ): Promise<ResultsOf<Steps>> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal ?? (this.#isClosing ? closedFailure : this.#overload());
      if (refusal) return reject(new EngineError(refusal));
      const bytes = weightOf(steps);
      this.#pendingBytes += bytes;
      const settle = resolve as (results: readonly unknown[]) => void;
      this.#waiting.push({ request: { steps, isRehearsal }, bytes, resolve: settle, reject });
      this.#pumpSoon();
    });
  }

  watch(queue: string, listener: () => void): () => void {
    const forget = this.#watchers.add(queue, listener);
    this.#watchForOthers();
    return forget;
  }

  close(): Promise<void> | undefined {
    this.#isClosing = true;
    this.#fileWatch?.close();
    if (!this.#thread && this.#waiting.length === 0) return undefined;
    this.#closed ??= Promise.withResolvers();
    this.#leaveWhenDone();
    return this.#closed.promise;
  }

  abort(): void {
    this.#fileWatch?.close();
    // The disk may have been faster than the news of it.
    const cause = 'Its system has stopped, and did not wait any longer.';
    this.#reject(this.#underWay ?? [], lostFailure(cause, workerUrl.href));
    this.#underWay = undefined;
    this.#refuseAll(closedFailure);
    this.#thread?.hold(false);
    this.#thread?.kill();
  }

  /** Not before the file is there. */
  #watchForOthers(): void {
    if (!this.#isOpen || this.#isClosing || this.#watchers.isEmpty) return;
    unowned(() => {
      this.#fileWatch ??= new FileWatch(this.#options.file, () => this.#look());
    });
  }

  /** Somebody has written: the thread knows whether it was another process. */
  #look(): void {
    if (!this.#isOpen || this.#watchers.isEmpty || this.#underWay || this.#isClosing) return;
    this.#underWay = [];
    this.#thread?.order([]);
  }

  #overload(): EngineFailure | undefined {
    const { maxPendingBytes } = this.#options;
    if (this.#pendingBytes < maxPendingBytes) return undefined;
    return overloadedFailure(this.#pendingBytes, maxPendingBytes);
  }

  /** Together with everything else that is submitted in this turn. */
  #pumpSoon(): void {
    if (this.#isPumpDue || this.#underWay) return;
    this.#isPumpDue = true;
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#underWay || this.#waiting.length === 0) return;
    const size = groupSizeOf(this.#waiting);
    const group = this.#waiting.slice(0, size);
    this.#waiting = this.#waiting.slice(size);
    this.#underWay = group;
    try {
      const thread = this.#thread ?? this.#startThread();
      thread.hold(true);
      thread.order(group.map(({ request }) => request));
    } catch (error) {
      this.#lose(error);
    }
  }

  #startThread(): Thread {
    this.#isOpen = false;
    this.#hasAnswered = false;
    // In nobody's name: the service that happens to store something first is not to blame for it.
    unowned(() => {
      this.#thread = this.#openThread(this.#options, {
        onAnswer: (answer) => this.#take(answer),
        onExit: (cause) => this.#lose(cause),
      });
    });
    return this.#thread as unknown as Thread;
  }

  #take({ outcomes, isOpen, isChangedByOthers }: Answer): void {
    const group = this.#underWay ?? [];
    this.#underWay = undefined;
    this.#hasAnswered = true;
    const [first] = outcomes;
    if (isOpen && !this.#isOpen) this.#options.onOpen?.();
    if (!isOpen && first && 'failure' in first) this.#options.onTrouble?.(first.failure);
    this.#isOpen = isOpen;
    this.#watchForOthers();
    for (const [index, waiting] of group.entries()) {
      const outcome = outcomes[index] ?? { failure: closedFailure };
      this.#pendingBytes -= waiting.bytes;
      if ('results' in outcome) this.#resolve(waiting, outcome.results);
      else waiting.reject(new EngineError(outcome.failure));
    }
    if (isChangedByOthers) this.#watchers.tellAll();
    this.#pump();
    if (!this.#underWay) this.#thread?.hold(false);
    this.#leaveWhenDone();
  }

  #resolve({ request, resolve }: Waiting, results: readonly unknown[]): void {
    resolve(results);
    if (!request.isRehearsal) this.#watchers.tellOfSteps(request.steps, results);
  }

  #leaveWhenDone(): void {
    if (!this.#closed || this.#underWay || this.#waiting.length > 0) return;
    this.#thread?.hold(true);
    this.#thread?.order('close');
  }

  #lose(cause: unknown): void {
    this.#thread = undefined;
    if (this.#closed && !this.#underWay && this.#waiting.length === 0) {
      return this.#closed.resolve();
    }
    if (this.#refusal) return;
    const text = cause instanceof Error ? cause.message : 'It was terminated.';
    const failure = lostFailure(text, workerUrl.href);
    this.#options.onTrouble?.(failure);
    if (!this.#hasAnswered) return this.#refuseAll(failure);
    this.#reject(this.#underWay ?? [], failure);
    this.#underWay = undefined;
    this.#pump();
    this.#leaveWhenDone();
    if (!this.#thread) this.#closed?.resolve();
  }

  #refuseAll(failure: EngineFailure): void {
    this.#refusal = failure;
    this.#reject([...(this.#underWay ?? []), ...this.#waiting], failure);
    this.#underWay = undefined;
    this.#waiting = [];
    this.#closed?.resolve();
  }

  #reject(group: readonly Waiting[], failure: EngineFailure): void {
    for (const { bytes, reject } of group) {
      this.#pendingBytes -= bytes;
      reject(new EngineError(failure));
    }
  }
}

/** How many of them go into the next commit: at least one. */
function groupSizeOf(waiting: readonly Waiting[]): number {
  let bytes = 0;
  const end = waiting.findIndex((each, index) => {
    bytes += each.bytes;
    return index === groupSize || (index > 0 && bytes > groupBytes);
  });
  return end === -1 ? waiting.length : end;
}

/** A text of UTF-16 takes two bytes for each unit at most. */
function weightOf(steps: readonly Step[]): number {
  let bytes = requestBytes;
  for (const [, args] of steps) bytes += textBytesOf(args);
  return bytes;
}

function textBytesOf(value: unknown): number {
  if (typeof value === 'string') return value.length * 2;
  if (typeof value !== 'object' || value === null) return 0;
  let bytes = 0;
  for (const part of Object.values(value)) bytes += textBytesOf(part);
  return bytes;
}
