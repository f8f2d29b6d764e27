import { type Duration, parseDuration } from '../../../actors/rules/duration.ts';
import { didYouMean } from '../../define/did-you-mean.ts';
import { isPlain } from '../../define/recorded.ts';
import { show } from '../../define/show.ts';
import { DarumaError } from '../../errors.ts';

export interface HistoryOptions {
  /** For how long an event is kept. @default '7d' */
  readonly keep?: Duration | 'infinity';
}

export interface HistorySettings {
  /** null: for ever. */
  readonly keepMs: number | null;
}

const weekMs = 7 * 24 * 3_600_000;

/** @throws DARUMA_INVALID_OPTION, DARUMA_UNKNOWN_OPTION, DARUMA_INVALID_DURATION */
export function readHistory(given: unknown): HistorySettings | undefined {
  if (given === undefined || given === false) return undefined;
  if (given === true) return { keepMs: weekMs };
  if (!isPlain(given)) {
    const message = `history is ${show(given)}; it must be true or an object of options.`;
    throw new DarumaError('DARUMA_INVALID_OPTION', message, { hint: "history: { keep: '30d' }" });
  }
  const unknown = Object.keys(given).find((name) => name !== 'keep');
  if (unknown !== undefined) {
    throw new DarumaError('DARUMA_UNKNOWN_OPTION', `there is no option history.${unknown}.`, {
      hint: didYouMean(unknown, ['keep']) ?? 'The only option is keep.',
    });
  }
  return { keepMs: readKeep(given.keep) };
}

function readKeep(keep: unknown): number | null {
  if (keep === undefined) return weekMs;
  if (keep === 'infinity') return null;
  const ms = parseDuration(keep);
  if (ms !== undefined && ms > 0) return ms;
  const message = `history.keep is ${show(keep)}; it must be a duration above 0, or 'infinity'.`;
  throw new DarumaError('DARUMA_INVALID_DURATION', message);
}
