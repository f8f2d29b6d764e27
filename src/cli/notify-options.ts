import type { Logger } from 'pino';
import { logChannel } from '../services/notify/log-channel.ts';
import type { NotifyFacilityOptions } from '../services/notify/options.ts';
import { webhook } from '../services/notify/webhook.ts';

export interface NotifyFlags {
  /** Tell what goes wrong in the tree. */
  readonly alerts?: boolean;
  /** Where notifications go beside the log. */
  readonly webhook?: string;
}

/** What the flags of `daruma run` mean for notifications. */
export function notifyOptions(flags: NotifyFlags, logger: Logger): NotifyFacilityOptions {
  return {
    alerts: flags.alerts ?? false,
    ...(flags.webhook !== undefined && {
      channels: [logChannel(logger), webhook(flags.webhook)],
    }),
  };
}
