import type { Clock } from '../../kernel/clock.ts';
import type { Notification } from './notification.ts';
import { SlidingWindow } from './sliding-window.ts';

export interface DeskPolicy {
  /** How long a key is told once only; 0: every time. */
  readonly dedupeMs: number;
  /** How many are told in any window of `perMs`. */
  readonly limit: number;
  readonly perMs: number;
}

/** Keys that are known at once, and notifications that wait for room: a summary counts the others. */
const mostKeys = 1_000;
const mostWaiting = 100;

interface Held {
  readonly timer: unknown;
  count: number;
  /** The latest that was held back. */
  latest: Notification | undefined;
}

/**
 * Decides which notifications are told: of one key one in a time, of all so many in a window. What
 * is held back is counted, and told as a count when the time is over, so that nothing vanishes.
 */
export class Desk {
  readonly #clock: Clock;
  readonly #policy: DeskPolicy;
  readonly #window: SlidingWindow;
  readonly #send: (notification: Notification) => void;
  readonly #keys = new Map<string, Held>();
  #over: Notification[] = [];
  /** Above the limit, and not in `#over`. */
  #more = 0;
  #timer: unknown;

  constructor(clock: Clock, policy: DeskPolicy, send: (notification: Notification) => void) {
    this.#clock = clock;
    this.#policy = policy;
    this.#send = send;
    this.#window = new SlidingWindow(policy.limit, policy.perMs);
  }

  take(notification: Notification): void {
    const { key } = notification;
    const held = this.#keys.get(key);
    if (held) {
      held.count++;
      held.latest = notification;
      return;
    }
    if (this.#policy.dedupeMs > 0 && this.#keys.size < mostKeys) this.#holdBack(key);
    this.#tell(notification);
  }

  /** Tells what was held back, and forgets. */
  close(): void {
    for (const { timer, count, latest } of this.#keys.values()) {
      this.#clock.clearTimeout(timer);
      if (latest) this.#send({ ...latest, heldBack: count - 1 });
    }
    this.#keys.clear();
    if (this.#over.length > 0) this.#clock.clearTimeout(this.#timer);
    this.#tellOver();
  }

  #holdBack(key: string): void {
    const timer = this.#clock.setTimeout(() => {
      const held = this.#keys.get(key);
      this.#keys.delete(key);
      if (!held?.latest) return;
      this.#holdBack(key);
      this.#tell({ ...held.latest, heldBack: held.count - 1 });
    }, this.#policy.dedupeMs);
    this.#keys.set(key, { timer, count: 0, latest: undefined });
  }

  #tell(notification: Notification): void {
    const now = this.#clock.monotonic();
    if (this.#over.length === 0 && this.#window.take(now)) return this.#send(notification);
    if (this.#over.length < mostWaiting) this.#over.push(notification);
    else this.#more += notification.heldBack + 1;
    if (this.#over.length > 1) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#window.take(this.#clock.monotonic());
      this.#tellOver();
    }, this.#window.freeAt(now) - now);
  }

  /** One is told as it is; several as a summary. */
  #tellOver(): void {
    const [over, beside] = [this.#over, this.#more];
    this.#over = [];
    this.#more = 0;
    const [first] = over;
    if (!first) return;
    if (over.length === 1) return this.#send(first);
    const worst = over.some(({ level }) => level === 'error') ? 'error' : 'warning';
    const titles = [...new Set(over.map(({ title }) => title))];
    const named = titles.slice(0, 5).join(', ');
    const more = titles.length > 5 ? ` and ${titles.length - 5} more` : '';
    const heldBack = over.reduce((sum, { heldBack: own }) => sum + own + 1, beside);
    this.#send({
      ...first,
      level: worst,
      title: `${over.length + beside} notifications were held back`,
      message: `${named}${more}`,
      key: 'held-back',
      heldBack,
      data: {},
    });
  }
}
