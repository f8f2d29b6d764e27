import { notifyLevels } from '../../define/notify.ts';
import { errorInfo } from '../../events.ts';
import type { NotifyHappening } from '../../happenings/notify.ts';
import type { Channel, Delivery, Notification } from './notification.ts';

/** How many may wait for one channel; beyond that the oldest is dropped. */
const mostWaiting = 1_000;

/** Whoever writes down how a delivery went. */
export type Report = (notification: Notification, happening: NotifyHappening) => void;

/** What waits for one channel: sent one at a time, in order, whatever becomes of the others. */
export class Outbox {
  readonly #channel: Channel;
  readonly #delivery: Delivery;
  readonly #report: Report;
  readonly #waiting: Notification[] = [];
  #isSending = false;
  #onIdle: (() => void)[] = [];

  constructor(channel: Channel, delivery: Delivery, report: Report) {
    this.#channel = channel;
    this.#delivery = delivery;
    this.#report = report;
  }

  put(notification: Notification): void {
    const { level = 'info' } = this.#channel;
    if (notifyLevels.indexOf(notification.level) < notifyLevels.indexOf(level)) return;
    this.#waiting.push(notification);
    if (this.#waiting.length > mostWaiting) {
      this.#tell(this.#waiting.shift() as Notification, 'dropped');
    }
    if (!this.#isSending) void this.#sendAll();
  }

  /** Resolves when nothing waits; undefined: nothing does. */
  idle(): Promise<void> | undefined {
    if (!this.#isSending) return undefined;
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      try {
        const sending: unknown = this.#channel.send(next, this.#delivery);
        // What answers at once is done at once: nobody has to wait for it on the way out.
        if (isThenable(sending)) await sending;
        this.#tell(next, 'sent');
      } catch (error) {
        this.#tell(next, 'failed', error);
      }
    }
    this.#isSending = false;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #tell(notification: Notification, outcome: NotifyHappening['outcome'], error?: unknown): void {
    this.#report(notification, {
      type: 'notification',
      outcome,
      channel: this.#channel.name,
      title: notification.title,
      ...(error !== undefined && { error: errorInfo(error) }),
    });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
