import { backoffDelay } from '../../../actors/rules/backoff.ts';
import type { Notification } from '../../define/notify.ts';
import { DarumaError } from '../../errors.ts';
import { errorInfo } from '../../events.ts';
import { unowned } from '../../kernel/attribution.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { Tally } from '../tally.ts';
import type { Channel } from './channel.ts';
import { sendTimeoutError } from './errors.ts';
import { type ChannelSettings, notificationLevels } from './settings.ts';

/**
 * One channel and what waits for it: delivered one at a time, in order. Whatever it does, nobody who
 * notifies is slowed or failed by it; what it fails at is an event of its own.
 */
export class Outlet {
  readonly #kernel: Kernel;
  readonly #settings: ChannelSettings;
  readonly #send: Channel['send'];
  readonly #limit: number;
  readonly #overflow: Tally;
  readonly #onClose = new Set<() => void>();
  #waiting: Notification[] = [];
  #closed: DarumaError | undefined;
  #working: Promise<void> | undefined;

  constructor(kernel: Kernel, settings: ChannelSettings, send: Channel['send'], limit: number) {
    this.#kernel = kernel;
    this.#settings = settings;
    this.#send = send;
    this.#limit = limit;
    this.#overflow = new Tally(kernel.clock, (count) => this.#lose(count, 'queue-full'));
  }

  put(notification: Notification): void {
    const { level } = this.#settings;
    if (rankOf(notification.level) < rankOf(level)) return;
    this.#waiting.push(notification);
    if (this.#waiting.length > this.#limit) {
      this.#waiting.shift();
      this.#overflow.add();
    }
    // In nobody's name: what goes wrong with a channel is not the fault of who had something to say.
    if (!this.#working) unowned(() => this.#begin());
  }

  /** Resolves when everything has been delivered or given up; undefined: nothing waits. */
  settled(): Promise<void> | undefined {
    return this.#working;
  }

  /** Gives up what has not been delivered. */
  abort(): void {
    this.#overflow.end();
    if (this.#waiting.length > 0) this.#lose(this.#waiting.length, 'closed');
    this.#waiting = [];
    this.#closed = new DarumaError('DARUMA_STOPPED', 'the system has stopped.');
    for (const callback of this.#onClose) callback();
  }

  /** Nothing is put in any more, and nothing waits. */
  end(): void {
    this.#overflow.end();
  }

  #begin(): void {
    this.#working = this.#work().then(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    // Not on the stack of whoever notifies.
    await Promise.resolve();
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      await this.#deliver(next);
    }
  }

  async #deliver(notification: Notification): Promise<void> {
    const { maxAttempts, backoff } = this.#settings;
    for (let attempt = 1; ; attempt++) {
      if (this.#closed) return this.#lose(1, 'closed');
      try {
        return await this.#attempt(notification);
      } catch (error) {
        if (this.#closed) return this.#lose(1, 'closed');
        if (attempt >= maxAttempts || isRefusal(error)) return this.#lose(1, 'failed', error);
        await this.#pause(backoffDelay(backoff, attempt - 1, this.#kernel.random()));
      }
    }
  }

  #attempt(notification: Notification): Promise<void> {
    const { name, timeoutMs } = this.#settings;
    const { clock } = this.#kernel;
    // Made when it is touched: the log, for one, needs none.
    let controller: AbortController | undefined;
    const tools = {
      get signal() {
        controller ??= new AbortController();
        return controller.signal;
      },
    };
    return new Promise<void>((resolve, reject) => {
      // A send that hangs is left behind: whatever it does later reaches nobody.
      const abort = (reason: unknown) => {
        over();
        controller?.abort(reason);
        reject(reason);
      };
      const timer = clock.setTimeout(() => abort(sendTimeoutError(name, timeoutMs)), timeoutMs);
      const forget = this.#onClosing(() => abort(this.#closed));
      const over = () => {
        clock.clearTimeout(timer);
        forget();
      };
      Promise.resolve()
        .then(() => this.#send(notification, tools))
        .finally(over)
        .then(() => resolve(), reject);
    });
  }

  #pause(ms: number): Promise<void> {
    const { clock } = this.#kernel;
    return new Promise((resolve) => {
      const over = () => {
        clock.clearTimeout(timer);
        forget();
        resolve();
      };
      const timer = clock.setTimeout(over, ms);
      const forget = this.#onClosing(over);
    });
  }

  /** Calls back when nobody waits for the channel any more. */
  #onClosing(callback: () => void): () => void {
    this.#onClose.add(callback);
    return () => this.#onClose.delete(callback);
  }

  #lose(count: number, why: 'failed' | 'queue-full' | 'closed', error?: unknown): void {
    this.#kernel.journal.record(undefined, {
      type: 'notification-lost',
      channel: this.#settings.name,
      count,
      why,
      ...(error !== undefined && { error: errorInfo(error) }),
    });
  }
}

function rankOf(level: Notification['level']): number {
  // Good news are as loud as any other.
  return level === 'success' ? 0 : notificationLevels.indexOf(level);
}

function isRefusal(error: unknown): boolean {
  return error instanceof DarumaError && error.code === 'DARUMA_NOTIFY_REFUSED';
}
