import type { Notification } from '../../define/notify.ts';
import type { Clock } from '../../kernel/clock.ts';

/** Keys that are remembered at once; above so many, one more is sent without being compared. */
const mostKeys = 1_000;

/** What came with a key since one with it was sent. */
interface Window {
  timer: unknown;
  latest: Notification | undefined;
  count: number;
}

/**
 * Of notifications with the same key one is sent in each window: the first at once, and of those that
 * came meanwhile the latest, when the window is over, with how many more there were.
 */
export class Repetitions {
  readonly #clock: Clock;
  readonly #windowMs: number;
  readonly #send: (notification: Notification) => void;
  readonly #windows = new Map<string, Window>();

  constructor(clock: Clock, windowMs: number, send: (notification: Notification) => void) {
    this.#clock = clock;
    this.#windowMs = windowMs;
    this.#send = send;
  }

  put(notification: Notification): void {
    const { key } = notification;
    const window = this.#windows.get(key);
    if (window) {
      window.latest = notification;
      window.count++;
      return;
    }
    if (this.#windowMs > 0 && this.#windows.size < mostKeys) this.#open(key);
    this.#send(notification);
  }

  /** Sends what waits for the end of its window. */
  flush(): void {
    for (const [key, window] of [...this.#windows]) {
      this.#clock.clearTimeout(window.timer);
      this.#windows.delete(key);
      this.#tell(window);
    }
  }

  #open(key: string): void {
    const window: Window = { timer: undefined, latest: undefined, count: 0 };
    this.#windows.set(key, window);
    window.timer = this.#clock.setTimeout(() => {
      this.#windows.delete(key);
      if (window.latest) this.#open(key);
      this.#tell(window);
    }, this.#windowMs);
  }

  #tell({ latest, count }: Window): void {
    if (latest) this.#send({ ...latest, repeated: count - 1 });
  }
}
