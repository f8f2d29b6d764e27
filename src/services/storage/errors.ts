import { formatDuration } from '../../../actors/rules/duration.ts';
import { show } from '../../define/show.ts';
import { DarumaError } from '../../errors.ts';
import { EngineError, type EngineFailure } from '../engine/engine.ts';

/** The errors of `ctx.storage`, each with its path, numbers, usual cause and remedy. */

/** What the engine rejected with, as an error of one place of the tree. */
export function storageError(path: string, error: unknown): unknown {
  return error instanceof EngineError ? failureError(path, error.failure) : error;
}

export function failureError(path: string, failure: EngineFailure): DarumaError {
  const { code, message, hint, cause } = failure;
  const details = { path, hint, ...(cause !== undefined && { cause: new Error(cause) }) };
  return new DarumaError(code, `${path}: ${message}`, details);
}

export function invalidKeyError(path: string, key: unknown, problem: string): DarumaError {
  return new DarumaError('DARUMA_INVALID_KEY', `${path}: the key ${show(key)} ${problem}.`, {
    path,
    hint: 'A key is text of 1 to 512 bytes as UTF-8, without control characters.',
  });
}

/** @param where `ctx.storage`, or the name of a store */
export function invalidValueError(
  path: string,
  key: string,
  faults: readonly string[],
  hint: string,
): DarumaError {
  return new DarumaError(
    'DARUMA_INVALID_VALUE',
    `${path}: the value of ${show(key)}: ${faults.join('; ')}.`,
    { path, hint },
  );
}

export function tooLargeError(
  path: string,
  key: string,
  bytes: number,
  maxBytes: number,
): DarumaError {
  return new DarumaError(
    'DARUMA_VALUE_TOO_LARGE',
    `${path}: the value of ${show(key)} takes ${bytes} bytes as JSON; ${maxBytes} are allowed (storage.maxValueBytes).`,
    { path, hint: 'Split it over several keys, or keep a file and store its name.' },
  );
}

export function invalidOptionError(path: string, message: string): DarumaError {
  return new DarumaError('DARUMA_INVALID_OPTION', `${path}: ${message}`, { path });
}

export function conflictError(path: string, attempts: number): DarumaError {
  return new DarumaError(
    'DARUMA_TRANSACTION_CONFLICT',
    `${path}: a transaction was overtaken ${attempts} times; nothing of it was written.`,
    {
      path,
      hint: 'Usual cause: the function writes through ctx.storage instead of tx, or something writes all the time beside it. Put those writes into transactions too.',
    },
  );
}

export function transactionTimeoutError(path: string, withinMs: number): DarumaError {
  return new DarumaError(
    'DARUMA_TRANSACTION_TIMEOUT',
    `${path}: a transaction was not done within ${formatDuration(withinMs)}; nothing of it was written.`,
    {
      path,
      hint: 'Usual cause: the function awaits something slow, or the transactions of the same service before it did. Do that outside, or raise within.',
    },
  );
}

export function nestedTransactionError(path: string): DarumaError {
  return new DarumaError(
    'DARUMA_TRANSACTION_NESTED',
    `${path}: a transaction was begun inside of another one of the same service, which it would wait for; nothing of it was written.`,
    {
      path,
      hint: 'Use the tx that the function was given, and hand it on to what it calls. What is no part of the transaction goes behind it.',
    },
  );
}

export function transactionOverError(path: string): DarumaError {
  return new DarumaError(
    'DARUMA_TRANSACTION_OVER',
    `${path}: tx was used after its transaction was over; nothing was written.`,
    { path, hint: 'Await everything inside the function of the transaction.' },
  );
}
