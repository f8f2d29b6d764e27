import { type Duration, parseDuration } from '../../actors/rules/duration.ts';
import { DarumaError } from '../errors.ts';

/**
 * The milliseconds of a duration that reached the kernel unchecked.
 *
 * @throws DARUMA_INVALID_DURATION
 */
export function toMs(duration: Duration): number {
  const ms = parseDuration(duration);
  if (ms !== undefined) return ms;
  throw new DarumaError('DARUMA_INVALID_DURATION', `${String(duration)} is not a duration.`, {
    hint: "Milliseconds as a number, or text such as '250ms', '5s', '1m', '2h', '1d'.",
  });
}
