import { unowned } from '../../../kernel/attribution.ts';
import type { Attempt, Connection } from './connection.ts';

const firstDelayMs = 100;
const longestDelayMs = 5_000;

export interface DialerOptions {
  readonly open: (attempt: Attempt) => Promise<Connection>;
  readonly onOpen: (connection: Connection) => void;
  readonly onFailure: (error: unknown) => void;
  /** Whether anybody still wants a connection. */
  readonly isWanted: () => boolean;
  /** Whether the process waits for it. */
  readonly isHeld: boolean;
  /** How long those who want one wait for it. */
  readonly connectWithinMs: number;
}

/** Tries to get a connection until there is one, with growing delays between tries. */
export class Dialer {
  readonly #options: DialerOptions;
  #attempt: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = 0;

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  /** Does nothing while it tries already. */
  dial(): void {
    if (this.#attempt || this.#timer) return;
    // In nobody's name: the service that happens to ask first is not to blame for what comes of it.
    unowned(() => void this.#try());
  }

  stop(): void {
    this.#attempt?.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #try(): Promise<void> {
    const { open, onOpen, onFailure, isHeld } = this.#options;
    const attempt = new AbortController();
    this.#attempt = attempt;
    try {
      const connection = await open({ signal: attempt.signal, isHeld });
      this.#attempt = undefined;
      if (attempt.signal.aborted) return connection.destroy();
      this.#delayMs = 0;
      onOpen(connection);
    } catch (error) {
      this.#attempt = undefined;
      if (attempt.signal.aborted) return;
      this.#wait();
      onFailure(error);
    }
  }

  /** Not all processes at the same moment; soon enough for whoever begins to wait now. */
  #wait(): void {
    const longestMs = Math.min(longestDelayMs, this.#options.connectWithinMs / 2);
    this.#delayMs = Math.min(longestMs, Math.max(firstDelayMs, this.#delayMs * 2));
    const delayMs = this.#delayMs * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#options.isWanted()) this.dial();
    }, delayMs);
    if (!this.#options.isHeld || !this.#options.isWanted()) this.#timer.unref();
  }
}
