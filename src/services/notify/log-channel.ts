import type { Logger } from 'pino';
import type { Notification, NotificationLevel } from '../../define/notify.ts';
import type { Channel } from './channel.ts';

/** A channel that needs the logger of the system, which it is given when the system is made. */
export interface LogChannel extends Omit<Channel, 'send'> {
  readonly kind: 'log';
}

const levels = { info: 'info', success: 'info', warning: 'warn', error: 'error' } as const;

/** Writes notifications to the log of the system, at the level that they have. */
export function logChannel(options: { readonly level?: NotificationLevel } = {}): LogChannel {
  return { kind: 'log', name: 'log', ...options };
}

export function sendToLog(logger: Logger): Channel['send'] {
  return ({ level, title, message, path, incarnation, repeated, data }: Notification) => {
    const fields = {
      actor: path,
      incarnation,
      notification: level,
      ...(repeated > 0 && { repeated }),
      ...(data !== undefined && { data }),
    };
    logger[levels[level]](fields, message === '' ? title : `${title}: ${message}`);
  };
}
