import type { Logger } from 'pino';
import { type Duration, parseDuration } from '../../actors/rules/duration.ts';
import { DarumaError } from '../errors.ts';
import type { InspectionObserver } from './actors.ts';
import type { Clock } from './clock.ts';
import type { SignalSource } from './host-process.ts';

export interface ConfigFile {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface SystemOptions {
  /** What a whole stop may take; 1 s of it is kept back for leaving. @default '25s' */
  readonly grace?: Duration | 'infinity';
  /** What the first start of the whole tree may take. @default '60s' */
  readonly bootWithin?: Duration | 'infinity';
  /** Configuration by path: `{ 'app/feed': { url } }`. @default none */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The same, read from a file; wins over `config`. The name is for messages. @default none */
  readonly configFile?: ConfigFile;
  /** Where `DARUMA__path__key` is looked up. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default pino on standard output, level 'info' */
  readonly logger?: Logger;
  /** Any XState inspection observer: `inspect: createInspector(...).inspect`. @default none */
  readonly inspect?: InspectionObserver;
  /** @default the time of this process */
  readonly clock?: Clock;
  /** All randomness comes from it. @default drawn at random; see `system.seed` */
  readonly seed?: number;
  /** Where `run()` hears of signals. @default the process */
  readonly signals?: SignalSource;
  /** `run()` goes on when every child has ended normally. @default false */
  readonly keepAlive?: boolean;
  /**
   * An unhandled rejection or uncaught exception from code of a child fails that child, while the
   * system runs. Costs an async context for each call of user code. @default false
   */
  readonly attributeErrors?: boolean;
}

/** A limit of the system in milliseconds. */
export function limitOf(value: Duration | 'infinity', name: string): number {
  if (value === 'infinity') return Number.POSITIVE_INFINITY;
  const ms = parseDuration(value);
  if (ms !== undefined) return ms;
  throw new DarumaError('DARUMA_INVALID_DURATION', `${name}: ${String(value)} is not a duration.`, {
    hint: "Milliseconds as a number, text such as '25s', or 'infinity'.",
  });
}
