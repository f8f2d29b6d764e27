import type { BackoffPolicy } from '../../../actors/rules/backoff.ts';
import type { Duration } from '../../../actors/rules/duration.ts';
import { defaultBackoff } from '../../define/defaults.ts';
import { Faults } from '../../define/faults.ts';
import type { NotificationLevel } from '../../define/notify.ts';
import { OptionReader } from '../../define/option-reader.ts';
import { readBackoff } from '../../define/read-item.ts';
import { isPlain } from '../../define/recorded.ts';
import { show } from '../../define/show.ts';
import { type AlertOptions, type AlertSettings, readAlerts } from './alert-settings.ts';
import type { Channel, ChannelFunction } from './channel.ts';
import { refuseOption } from './errors.ts';
import { type LogChannel, logChannel } from './log-channel.ts';

export interface NotifyConfig {
  /** Where notifications go. @default [logChannel()] */
  readonly channels?: readonly (Channel | LogChannel | ChannelFunction)[];
  /** For how long those with the same key as one that was sent are counted. 0: not at all. @default '1m' */
  readonly dedupe?: Duration;
  /** How many are sent in each `per`; the others are held back, and summed up. Minimum: 1. @default 20 */
  readonly limit?: number;
  /** @default '1m' */
  readonly per?: Duration;
  /** How many may wait for one channel. Minimum: 1. @default 100 */
  readonly queue?: number;
  /** What people are told of without anybody calling `notify`. @default all rules, where there are channels */
  readonly alerts?: AlertOptions | false;
}

/** The options of notifications, read. */
export interface NotifySettings {
  readonly channels: readonly ChannelSettings[];
  readonly dedupeMs: number;
  readonly limit: number;
  readonly perMs: number;
  readonly queue: number;
  readonly alerts: AlertSettings | undefined;
}

export interface ChannelSettings {
  readonly name: string;
  readonly level: NotificationLevel;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly backoff: BackoffPolicy;
  /** undefined: the log of the system. */
  readonly send: Channel['send'] | undefined;
}

export const notificationLevels = ['info', 'success', 'warning', 'error'] as const;

const channelBackoff: BackoffPolicy = { ...defaultBackoff, firstMs: 1_000 };

/** @throws DARUMA_INVALID_OPTION and the like, naming everything that is wrong */
export function readNotify(given: NotifyConfig | undefined): NotifySettings {
  if (given !== undefined && !isPlain(given)) {
    refuseOption(`it is ${show(given)}; it must be an object.`, 'notify: { channels: [...] }');
  }
  const faults = new Faults();
  const reader = new OptionReader(given ?? {}, 'notify', faults);
  reader.refuseUnknown(['channels', 'dedupe', 'limit', 'per', 'queue', 'alerts']);
  const whole = { min: 1, isWhole: true };
  const settings: NotifySettings = {
    channels: readChannels(reader),
    dedupeMs: reader.duration('dedupe', 60_000),
    limit: reader.number('limit', 20, whole),
    perMs: reader.duration('per', 60_000, { isPositive: true }),
    queue: reader.number('queue', 100, whole),
    alerts: readAlerts(reader),
  };
  const [first] = faults.found;
  if (first) refuseOption(faults.found.map(({ message }) => message).join(' '), first.hint);
  return settings;
}

function readChannels(reader: OptionReader): ChannelSettings[] {
  const given = reader.raw('channels') ?? [logChannel()];
  if (Array.isArray(given)) {
    return given.map((channel: unknown, index) => readChannel(reader, channel, index));
  }
  reader.refuse('DARUMA_INVALID_OPTION', 'channels', 'it must be a list.');
  return [];
}

const channelOptions = ['kind', 'name', 'level', 'timeout', 'maxAttempts', 'backoff', 'send'];

function readChannel({ faults }: OptionReader, given: unknown, index: number): ChannelSettings {
  const place = `channels[${index}]`;
  const options = typeof given === 'function' ? { send: given } : given;
  const isLog = isPlain(options) && options.kind === 'log';
  if (!isPlain(options) || (!isLog && typeof options.send !== 'function')) {
    const message = `${place} is ${show(given)}; it must be a function, or an object with send().`;
    faults.add('DARUMA_INVALID_OPTION', 'notify', message);
  }
  const reader = new OptionReader(isPlain(options) ? options : {}, 'notify', faults, `${place}.`);
  reader.refuseUnknown(channelOptions);
  const name = reader.raw('name') ?? `channel ${index + 1}`;
  const send = reader.func<Channel['send'] | undefined>('send', undefined);
  return {
    name: String(name),
    level: reader.choice('level', notificationLevels, 'info'),
    timeoutMs: reader.duration('timeout', 10_000, { isPositive: true }),
    maxAttempts: reader.number('maxAttempts', 1, { min: 1, isWhole: true }),
    backoff: readBackoff(reader, channelBackoff),
    send: send && isPlain(options) ? send.bind(options) : undefined,
  };
}
