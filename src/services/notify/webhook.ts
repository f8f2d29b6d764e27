import type { Duration } from '../../../actors/rules/duration.ts';
import type { Notification, NotificationLevel } from '../../define/notify.ts';
import type { BackoffOptions } from '../../define/options.ts';
import type { Channel } from './channel.ts';
import {
  refuseOption,
  webhookFailedError,
  webhookRefusedError,
  webhookUnreachableError,
} from './errors.ts';

export interface WebhookOptions {
  /** For events about it. @default the host of the URL */
  readonly name?: string;
  /** The least that it is given. @default 'info' */
  readonly level?: NotificationLevel;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent as JSON. @default the notification itself */
  readonly body?: (notification: Notification) => unknown;
  /** How long one attempt may take. @default '5s' */
  readonly timeout?: Duration;
  /** Attempts for one notification, the first one included. @default 3 */
  readonly maxAttempts?: number;
  /** Between them. @default { first: '1s', max: '30s', factor: 2, jitter: 'full' } */
  readonly backoff?: BackoffOptions;
  /** In place of the global one. @default fetch */
  readonly fetch?: typeof fetch;
}

/** Answers that say: not now. Anything else that is no success says: never like this. */
const passing = new Set([408, 425, 429]);

/**
 * Posts notifications as JSON. An answer of 5xx, 408, 425 or 429, and none at all, is tried again;
 * any other refusal is not.
 *
 * ```ts
 * webhook(process.env.SLACK_URL, {
 *   level: 'warning',
 *   body: ({ title, message }) => ({ text: `*${title}*\n${message}` }),
 * });
 * ```
 *
 * @throws DARUMA_INVALID_OPTION for what is no URL
 */
export function webhook(url: string | URL, options: WebhookOptions = {}): Channel {
  if (!URL.canParse(String(url))) {
    // Not shown: a URL of a webhook is a secret.
    refuseOption('the URL of a webhook is none.', "webhook('https://hooks.example.com/...')");
  }
  const target = new URL(url);
  const { body = (notification) => notification, headers, fetch: post = fetch, ...rest } = options;
  return {
    name: target.host,
    timeout: '5s',
    maxAttempts: 3,
    ...rest,
    async send(notification, { signal }) {
      const request = {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body(notification)),
        signal,
      };
      const response = await post(target, request).catch((error: unknown) => {
        throw webhookUnreachableError(target.host, error);
      });
      // A body that nobody reads keeps its connection.
      await response.body?.cancel();
      if (response.ok) return;
      const { status } = response;
      throw status >= 500 || passing.has(status)
        ? webhookFailedError(target.host, status)
        : webhookRefusedError(target.host, status);
    },
  };
}
