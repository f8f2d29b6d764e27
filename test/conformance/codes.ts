import {
  type DarumaError,
  type DefinitionError,
  type ErrorCode,
  isDarumaError,
} from '../../src/index.ts';
import type { Refused } from './vocabulary.ts';

/** The codes of the scenarios and those of Daruma, one to one. */
const darumaCodes = {
  StartFailed: 'DARUMA_START_FAILED',
  StartTimeout: 'DARUMA_START_TIMEOUT',
  Stopped: 'DARUMA_STOPPED',
  AlreadyStarted: 'DARUMA_ALREADY_STARTED',
  AlreadyPresent: 'DARUMA_ALREADY_PRESENT',
  Running: 'DARUMA_RUNNING',
  Restarting: 'DARUMA_RESTARTING',
  NotFound: 'DARUMA_NOT_FOUND',
  NotRunning: 'DARUMA_NOT_RUNNING',
  TooManyChildren: 'DARUMA_TOO_MANY_CHILDREN',
  NotSupported: 'DARUMA_NOT_SUPPORTED',
  DuplicateId: 'DARUMA_DUPLICATE_ID',
  InvalidRestart: 'DARUMA_INVALID_RESTART',
  InvalidStopWithin: 'DARUMA_INVALID_STOP_WITHIN',
  InvalidStrategy: 'DARUMA_INVALID_STRATEGY',
  InvalidIntensity: 'DARUMA_INVALID_INTENSITY',
  InvalidPeriod: 'DARUMA_INVALID_PERIOD',
  InvalidAutoShutdown: 'DARUMA_INVALID_AUTO_SHUTDOWN',
  InvalidTemplate: 'DARUMA_INVALID_TEMPLATE',
  InvalidSignificant: 'DARUMA_INVALID_SIGNIFICANT',
  InvalidBackoff: 'DARUMA_INVALID_BACKOFF',
  UnknownNeed: 'DARUMA_UNKNOWN_NEED',
  InvalidNeed: 'DARUMA_INVALID_NEED',
  NeedsCycle: 'DARUMA_NEEDS_CYCLE',
} as const satisfies Readonly<Record<string, ErrorCode>>;

export const codes = Object.keys(darumaCodes);

const byDarumaCode = new Map<string, string>(
  Object.entries(darumaCodes).map(([code, darumaCode]) => [darumaCode, code]),
);

/**
 * What a scenario calls this error. A code that the table does not have, an error of another kind
 * and a definition with several faults keep their own names, which no scenario expects.
 */
export function refusedWith(error: unknown): Refused {
  if (!isDarumaError(error)) return { error: String(error), paths: [] };
  const faults = faultsOf(error);
  const names = faults.map(({ code }) => byDarumaCode.get(code) ?? code);
  return {
    error: [...new Set(names)].join(' and '),
    paths: [...new Set(faults.flatMap(({ paths }) => paths))],
  };
}

interface Named {
  readonly code: string;
  readonly paths: readonly string[];
}

function faultsOf(error: DarumaError): readonly Named[] {
  return (error as Partial<DefinitionError>).faults ?? [error];
}
