import { unowned } from '../../kernel/attribution.ts';
import type { Engine, EngineFailure, Request, ResultsOf, Step } from './engine.ts';
import { closedFailure, type FileFacts, lostFailure } from './failures.ts';
import { FileWatch } from './file-watch.ts';
import { GroupPump } from './group-pump.ts';
import { type Answer, type OpenThread, openThread, type Thread, workerUrl } from './thread.ts';
import { Watchers } from './watchers.ts';

export interface FileEngineOptions extends FileFacts {
  /** What may wait to be stored, in bytes. */
  readonly maxPendingBytes: number;
  /** The file is open, for the first time or again after the thread was lost. */
  readonly onOpen?: () => void;
  /** The file cannot be opened, or the thread was lost. */
  readonly onTrouble?: (failure: EngineFailure) => void;
}

/**
 * A SQLite file, open in a thread of its own.
 *
 * 1. One group of requests is under way at a time; what is submitted meanwhile shares the next commit.
 * 2. When the thread is lost, what was under way is rejected, as nobody knows whether it is stored;
 *    what waited here goes to a new thread. A thread that is lost before it has answered anything is
 *    not replaced: then everything is rejected from then on.
 * 3. The process stays up for what is under way, and for nothing else.
 */
export class FileEngine implements Engine {
  readonly #options: FileEngineOptions;
  readonly #openThread: OpenThread;
  readonly #watchers = new Watchers();
  readonly #pump: GroupPump;
  #fileWatch: FileWatch | undefined;
  #thread: Thread | undefined;
  #isOpen = false;
  #hasAnswered = false;
  #isRefusing = false;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(options: FileEngineOptions, open: OpenThread = openThread) {
    this.#options = options;
    this.#openThread = open;
    this.#pump = new GroupPump({
      maxPendingBytes: options.maxPendingBytes,
      prepare: () => true,
      send: (group) => this.#send(group),
      onStored: ({ steps }, results) => this.#watchers.tellOfSteps(steps, results),
    });
  }

  submit<const Steps extends readonly Step[]>(
    steps: Steps,
    options?: { readonly isRehearsal?: boolean },
  ): Promise<ResultsOf<Steps>> {
    return this.#pump.submit(steps, options);
  }

  watch(queue: string, listener: () => void): () => void {
    const forget = this.#watchers.add(queue, listener);
    this.#watchForOthers();
    return forget;
  }

  close(): Promise<void> | undefined {
    this.#pump.refuse(closedFailure);
    this.#fileWatch?.close();
    this.#fileWatch = undefined;
    if (!this.#thread && this.#pump.isIdle) return undefined;
    this.#closed ??= Promise.withResolvers();
    this.#leaveWhenDone();
    return this.#closed.promise;
  }

  abort(): void {
    this.#fileWatch?.close();
    // The disk may have been faster than the news of it.
    const cause = 'Its system has stopped, and did not wait any longer.';
    this.#pump.lose(lostFailure(cause, workerUrl.href));
    this.#refuseAll(closedFailure);
    this.#thread?.hold(false);
    this.#thread?.kill();
  }

  /** Not before the file is there. */
  #watchForOthers(): void {
    if (!this.#isOpen || this.#pump.isRefusing || this.#watchers.isEmpty) return;
    unowned(() => {
      this.#fileWatch ??= new FileWatch(this.#options.file, () => this.#look());
    });
  }

  /** Somebody has written: the thread knows whether it was another process. */
  #look(): void {
    if (this.#isOpen && !this.#watchers.isEmpty && !this.#pump.isRefusing) this.#pump.goEmpty();
  }

  #send(group: readonly Request[]): void {
    try {
      const thread = this.#thread ?? this.#startThread();
      if (group.length > 0) thread.hold(true);
      thread.order(group);
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
    this.#hasAnswered = true;
    const [first] = outcomes;
    if (isOpen && !this.#isOpen) this.#options.onOpen?.();
    if (!isOpen && first && 'failure' in first) this.#options.onTrouble?.(first.failure);
    this.#isOpen = isOpen;
    this.#watchForOthers();
    this.#pump.settle(outcomes);
    if (isChangedByOthers) this.#watchers.tellAll();
    this.#pump.go();
    if (!this.#pump.isUnderWay) this.#thread?.hold(false);
    this.#leaveWhenDone();
  }

  #leaveWhenDone(): void {
    if (!this.#closed || !this.#pump.isIdle) return;
    this.#thread?.hold(true);
    this.#thread?.order('close');
  }

  #lose(cause: unknown): void {
    this.#thread = undefined;
    if (this.#closed && this.#pump.isIdle) return this.#closed.resolve();
    if (this.#isRefusing) return;
    const text = cause instanceof Error ? cause.message : 'It was terminated.';
    const failure = lostFailure(text, workerUrl.href);
    this.#options.onTrouble?.(failure);
    this.#pump.lose(failure);
    if (!this.#hasAnswered) return this.#refuseAll(failure);
    this.#pump.go();
    this.#leaveWhenDone();
    if (!this.#thread) this.#closed?.resolve();
  }

  #refuseAll(failure: EngineFailure): void {
    this.#isRefusing = true;
    this.#pump.refuse(failure);
    this.#pump.giveUp(failure);
    this.#closed?.resolve();
  }
}
