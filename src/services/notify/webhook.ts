import { backoffDelay } from '../../../actors/rules/backoff.ts';
import { type Duration, formatDuration } from '../../../actors/rules/duration.ts';
import { defaultBackoff } from '../../define/defaults.ts';
import type { NotifyLevel } from '../../define/notify.ts';
import { toMs } from '../../kernel/durations.ts';
import type { Channel, Delivery, Notification } from './notification.ts';

export interface WebhookOptions {
  /** How it is called in events and logs. @default the host of the address */
  readonly name?: string;
  /** What is less pressing is not told. @default 'info' */
  readonly level?: NotifyLevel;
  /** Beside `content-type: application/json`. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent, as JSON. @default the notification itself */
  readonly format?: (notification: Notification) => unknown;
  /** What one attempt may take. @default '5s' */
  readonly timeout?: Duration;
  /** How often it is tried in all. Minimum: 1. @default 3 */
  readonly maxAttempts?: number;
  /** @default the `fetch` of the platform */
  readonly fetch?: typeof globalThis.fetch;
}

/** A status that another attempt may change. */
const isPassing = (status: number) => status === 408 || status === 429 || status >= 500;

/**
 * Tells a URL, with a POST of JSON: the incoming webhooks of chats, or a program of your own. Tried
 * again after a growing delay when the other side cannot be reached, is too slow, or says that it
 * cannot now (408, 429, 5xx); other refusals are final.
 */
export function webhook(url: string | URL, options: WebhookOptions = {}): Channel {
  const target = new URL(url);
  const { maxAttempts = 3, format = asItIs, headers = {}, level = 'info' } = options;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1) {
    throw new TypeError(`maxAttempts is ${maxAttempts}; it must be a whole number, 1 or more.`);
  }
  const timeoutMs = toMs(options.timeout ?? '5s');
  const attempt = async (notification: Notification, delivery: Delivery) => {
    const post = options.fetch ?? globalThis.fetch;
    const limit = limited(delivery, timeoutMs);
    try {
      const response = await post(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(format(notification)),
        signal: limit.signal,
      });
      // Not read: the connection goes back to be used again.
      await response.body?.cancel();
      if (!response.ok) throw new Refusal(target.host, response.status);
    } catch (error) {
      throw limit.reason ?? error;
    } finally {
      limit.end();
    }
  };
  return {
    name: options.name ?? target.host,
    level,
    // Every attempt has its limit, and so have the pauses.
    timeout: 'infinity',
    async send(notification, delivery) {
      for (let nth = 1; ; nth++) {
        try {
          return await attempt(notification, delivery);
        } catch (error) {
          const isFinal = error instanceof Refusal && !isPassing(error.status);
          if (isFinal || nth >= maxAttempts || delivery.signal.aborted) throw error;
          await pause(delivery, backoffDelay(defaultBackoff, nth - 1, delivery.random()));
        }
      }
    },
  };
}

class Refusal extends Error {
  readonly status: number;

  constructor(host: string, status: number) {
    super(`${host} answered ${status}`);
    this.status = status;
  }
}

function asItIs(notification: Notification): Notification {
  return notification;
}

/** A signal for one attempt, on the system's clock. */
function limited({ clock, signal }: Delivery, timeoutMs: number) {
  const controller = new AbortController();
  const leave = () => controller.abort(signal.reason);
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  const timer = clock.setTimeout(() => {
    controller.abort(new Error(`no answer within ${formatDuration(timeoutMs)}`));
  }, timeoutMs);
  return {
    signal: controller.signal,
    get reason(): unknown {
      return controller.signal.reason;
    },
    end() {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', leave);
    },
  };
}

function pause({ clock, signal }: Delivery, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const over = () => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = clock.setTimeout(over, ms);
    signal.addEventListener('abort', over, { once: true });
  });
}
