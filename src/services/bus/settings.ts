import type { BackoffPolicy } from '../../../actors/rules/backoff.ts';
import type { OverflowPolicy } from '../../define/bus.ts';
import { defaultBackoff } from '../../define/defaults.ts';
import { Faults } from '../../define/faults.ts';
import { OptionReader } from '../../define/option-reader.ts';
import { readBackoff } from '../../define/read-item.ts';
import { show } from '../../define/show.ts';
import { DarumaError } from '../../errors.ts';

type OnError = 'fail' | 'report' | ((error: unknown, event: unknown) => unknown);

/** The options of a subscription, read. */
export interface Settings {
  readonly isOnce: boolean;
  readonly replays: boolean;
  readonly priority: number;
  readonly isCritical: boolean;
  readonly buffer: number;
  readonly overflow: OverflowPolicy;
  readonly concurrency: number;
  readonly orderBy: ((payload: unknown) => unknown) | undefined;
  readonly maxAttempts: number;
  readonly backoff: BackoffPolicy;
  readonly onError: OnError;
}

export const defaultSettings: Settings = Object.freeze({
  isOnce: false,
  replays: false,
  priority: 0,
  isCritical: false,
  buffer: 1_000,
  overflow: 'drop-oldest',
  concurrency: 1,
  orderBy: undefined,
  maxAttempts: 1,
  backoff: defaultBackoff,
  onError: 'fail',
});

/** Keys that are handled at once where nobody says how many. */
const keyedConcurrency = 10;

const known = [
  'replay',
  'priority',
  'critical',
  'buffer',
  'overflow',
  'concurrency',
  'orderBy',
  'maxAttempts',
  'backoff',
  'onError',
];
const overflows = ['drop-oldest', 'drop-newest', 'fail'] as const;

/** @throws DARUMA_INVALID_OPTION, or what else is wrong first, naming all */
export function readSettings(path: string, what: string, given: object = {}): Settings {
  const faults = new Faults();
  const reader = new OptionReader(given, path, faults);
  reader.refuseUnknown(known, { maxRetries: "Did you mean 'maxAttempts'?" });
  const orderBy = reader.func<Settings['orderBy']>('orderBy', undefined);
  const whole = { min: 1, isWhole: true };
  const settings: Settings = {
    isOnce: false,
    replays: reader.choice('replay', ['last', 'none'], 'none') === 'last',
    priority: reader.number('priority', 0, { min: Number.NEGATIVE_INFINITY }),
    isCritical: reader.flag('critical', false),
    buffer: reader.number('buffer', defaultSettings.buffer, whole),
    overflow: reader.choice('overflow', overflows, defaultSettings.overflow),
    concurrency: reader.number('concurrency', orderBy ? keyedConcurrency : 1, whole),
    orderBy,
    maxAttempts: reader.number('maxAttempts', 1, whole),
    backoff: readBackoff(reader, defaultBackoff),
    onError: readOnError(reader),
  };
  if (settings.isCritical && settings.concurrency > 1) {
    // Those after it would get events in another order than they were emitted in.
    const problem = 'then one event is handled at a time: leave out concurrency and orderBy.';
    reader.refuse('DARUMA_INVALID_OPTION', 'critical', problem);
  }
  if (faults.found.length > 0) throw optionError(path, what, faults);
  return settings;
}

function readOnError(reader: OptionReader): OnError {
  const value = reader.raw('onError');
  if (value === undefined) return 'fail';
  if (value === 'fail' || value === 'report' || typeof value === 'function')
    return value as OnError;
  reader.refuse('DARUMA_INVALID_OPTION', 'onError', "it must be 'fail', 'report' or a function.");
  return 'fail';
}

function optionError(path: string, what: string, { found }: Faults): DarumaError {
  const code = found[0]?.code ?? 'DARUMA_INVALID_OPTION';
  const hints = found.flatMap(({ hint }) => hint ?? []);
  const messages = found.map(({ message }) => message).join(' ');
  return new DarumaError(code, `${path}: ${what}: ${messages}`, {
    path,
    ...(hints.length > 0 && { hint: hints.join(' ') }),
  });
}

/** @throws DARUMA_INVALID_OPTION */
export function checkHandler(path: string, what: string, handler: unknown): void {
  if (typeof handler === 'function') return;
  throw new DarumaError(
    'DARUMA_INVALID_OPTION',
    `${path}: ${what} needs a function; it was given ${show(handler)}.`,
    { path },
  );
}
