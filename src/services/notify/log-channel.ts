import type { Level, Logger } from 'pino';
import type { NotifyLevel } from '../../define/notify.ts';
import type { Channel } from './notification.ts';

const levels: Readonly<Record<NotifyLevel, Level>> = {
  info: 'info',
  success: 'info',
  warning: 'warn',
  error: 'error',
};

/** Tells whoever reads the log. */
export function logChannel(logger: Logger): Channel {
  return {
    name: 'log',
    send({ level, title, message, path, key, heldBack, data }) {
      const fields = { actor: path, event: 'notification', key, heldBack, data };
      logger[levels[level]](fields, message === '' ? title : `${title}: ${message}`);
    },
  };
}
