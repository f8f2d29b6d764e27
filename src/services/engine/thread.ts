import { Worker } from 'node:worker_threads';
import type { Outcome, Request } from './engine.ts';
import type { FileFacts } from './failures.ts';

/** What the thread is asked: the requests of one commit, or to leave. */
export type Order = readonly Request[] | 'close';

export interface Answer {
  readonly outcomes: readonly Outcome[];
  /** Whether the file is open now. */
  readonly isOpen: boolean;
  /** Another process has written since the last answer. */
  readonly isChangedByOthers: boolean;
}

/** The thread that a file is open in. */
export interface Thread {
  order(order: Order): void;
  /** Whether the process waits for it. */
  hold(isHeld: boolean): void;
  kill(): void;
}

export interface ThreadListener {
  onAnswer(answer: Answer): void;
  /** @param cause what it ended with, if it was an error */
  onExit(cause: unknown): void;
}

export type OpenThread = (facts: FileFacts, listener: ThreadListener) => Thread;

/** Beside this file, with the ending that this file has: sources and the built package both work. */
export const workerUrl = new URL(
  `./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

export const openThread: OpenThread = ({ file, busyTimeoutMs }, listener) => {
  const facts: FileFacts = { file, busyTimeoutMs };
  // Options that the program was started with, such as a preload, are no business of this thread.
  const worker = new Worker(workerUrl, { name: 'daruma-storage', workerData: facts, execArgv: [] });
  let cause: unknown;
  worker.on('message', (answer: Answer) => listener.onAnswer(answer));
  worker.on('error', (error) => {
    cause = error;
  });
  worker.on('exit', () => listener.onExit(cause));
  return {
    order: (order) => worker.postMessage(order),
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    kill: () => void worker.terminate(),
  };
};
