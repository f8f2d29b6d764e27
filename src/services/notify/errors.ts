import { formatDuration } from '../../../actors/rules/duration.ts';
import { DarumaError } from '../../errors.ts';
import { messageOf } from '../../events.ts';

/** The errors of notifications. Nobody catches them: they are in the events about channels. */

export function sendTimeoutError(channel: string, timeoutMs: number): DarumaError {
  return new DarumaError(
    'DARUMA_NOTIFY_TIMEOUT',
    `the channel ${channel} did not deliver within ${formatDuration(timeoutMs)}.`,
    { hint: "Usual cause: a service that is down. Raise 'timeout' of the channel if it is slow." },
  );
}

/** An answer that says: not now. */
export function webhookFailedError(host: string, status: number): DarumaError {
  return new DarumaError('DARUMA_NOTIFY_FAILED', `${host} answered ${status}.`, {
    hint: 'It is tried again, up to maxAttempts.',
  });
}

/** No answer at all. */
export function webhookUnreachableError(host: string, cause: unknown): DarumaError {
  // What fetch throws says no more than that it failed; its cause says why.
  const reason = messageOf(cause instanceof Error ? (cause.cause ?? cause) : cause);
  return new DarumaError('DARUMA_NOTIFY_FAILED', `${host} cannot be reached: ${reason}`, {
    cause,
    hint: 'It is tried again, up to maxAttempts.',
  });
}

/** An answer that says: never like this. */
export function webhookRefusedError(host: string, status: number): DarumaError {
  return new DarumaError('DARUMA_NOTIFY_REFUSED', `${host} refused it: ${status}.`, {
    hint: 'It is not tried again. Usual cause: a wrong URL or token, or a body that it does not take.',
  });
}

/** @throws always */
export function refuseOption(message: string, hint?: string): never {
  const details = hint === undefined ? {} : { hint };
  throw new DarumaError('DARUMA_INVALID_OPTION', `notify: ${message}`, details);
}
