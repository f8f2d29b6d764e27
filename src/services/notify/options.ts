import { type Duration, parseDuration } from '../../../actors/rules/duration.ts';
import { didYouMean } from '../../define/did-you-mean.ts';
import { isPlain } from '../../define/recorded.ts';
import { show } from '../../define/show.ts';
import { DarumaError } from '../../errors.ts';
import type { AlertOptions } from './alerts.ts';
import type { DeskPolicy } from './desk.ts';
import type { Channel, Delivery, Notification } from './notification.ts';

/** A way to people: a channel, or a function. */
export type ChannelLike = Channel | ((notification: Notification, delivery: Delivery) => unknown);

export interface NotifyFacilityOptions {
  /** Where notifications go. @default the log */
  readonly channels?: readonly ChannelLike[];
  /** How long one key is told once only; the rest is counted. 0: tell every time. @default '5m' */
  readonly dedupe?: Duration;
  /** How many are told in all: `limit` in any window of `per`. @default 30 in '1m' */
  readonly rateLimit?: { readonly limit: number; readonly per: Duration };
  /** Tell by itself what goes wrong in the tree, and what is well again. @default false */
  readonly alerts?: boolean | AlertOptions;
}

export interface NotifySettings {
  /** undefined: the log. */
  readonly channels: readonly Channel[] | undefined;
  readonly desk: DeskPolicy;
  /** undefined: none. */
  readonly alerts: AlertOptions | undefined;
}

const known = ['channels', 'dedupe', 'rateLimit', 'alerts'];

/** @throws DARUMA_INVALID_OPTION, DARUMA_UNKNOWN_OPTION, DARUMA_INVALID_DURATION */
export function readNotify(options: NotifyFacilityOptions = {}): NotifySettings {
  const given: unknown = options;
  if (!isPlain(given)) throw invalid('notify', given, 'it must be an object of options.');
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const hint = didYouMean(name, known) ?? `Options: ${known.join(', ')}.`;
    const text = `there is no option notify.${name}.`;
    throw new DarumaError('DARUMA_UNKNOWN_OPTION', text, { hint });
  }
  const { channels, dedupe = '5m', rateLimit = { limit: 30, per: '1m' }, alerts = false } = options;
  if (channels !== undefined && !Array.isArray(channels)) {
    throw invalid('notify.channels', channels, 'it must be a list.');
  }
  const { limit, per } = rateLimit;
  if (!Number.isInteger(limit) || limit < 1) {
    throw invalid('notify.rateLimit.limit', limit, 'it must be a whole number, 1 or more.');
  }
  return {
    channels: channels?.map(asChannel),
    desk: { dedupeMs: ms('dedupe', dedupe), limit, perMs: ms('rateLimit.per', per) },
    alerts: alerts === true ? {} : alerts || undefined,
  };
}

function asChannel(channel: unknown, index: number): Channel {
  if (typeof channel === 'function') {
    return { name: channel.name || `channel ${index + 1}`, send: channel as Channel['send'] };
  }
  const { name, send } = (channel ?? {}) as Partial<Channel>;
  if (typeof name === 'string' && typeof send === 'function') {
    const { timeout = 'infinity' } = channel as Channel;
    if (timeout !== 'infinity') ms(`channels[${index}].timeout`, timeout);
    return channel as Channel;
  }
  const hint = "webhook('https://...'), a function, or { name, send(notification) }.";
  throw invalid(`notify.channels[${index}]`, channel, 'that is no channel.', hint);
}

function ms(name: string, value: unknown): number {
  const found = parseDuration(value);
  if (found !== undefined) return found;
  const text = `notify.${name} is ${show(value)}; that is not a duration.`;
  throw new DarumaError('DARUMA_INVALID_DURATION', text, { hint: "'30s', '5m', or milliseconds." });
}

function invalid(name: string, value: unknown, problem: string, hint?: string): DarumaError {
  const text = `${name} is ${show(value)}; ${problem}`;
  return new DarumaError('DARUMA_INVALID_OPTION', text, hint === undefined ? {} : { hint });
}
