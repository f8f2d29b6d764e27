import { formatDuration } from '../../../actors/rules/duration.ts';
import type { EngineFailure, FailureCode } from './engine.ts';

/** Something that a transaction has read was changed before it could commit. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';

  constructor(expected: number, found: number) {
    super(`Revision ${expected} was read, revision ${found} is there.`);
  }
}

/** A file, or a request, that is refused as it is. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly failure: EngineFailure;

  constructor(failure: EngineFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Primary result codes of SQLite. */
const sqlite = {
  permission: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
};

const codes: Readonly<Record<number, FailureCode>> = {
  [sqlite.busy]: 'DARUMA_STORAGE_BUSY',
  [sqlite.locked]: 'DARUMA_STORAGE_BUSY',
  [sqlite.corrupt]: 'DARUMA_STORAGE_CORRUPT',
  [sqlite.notADatabase]: 'DARUMA_STORAGE_CORRUPT',
  [sqlite.full]: 'DARUMA_STORAGE_FULL',
};

export interface FileFacts {
  readonly file: string;
  readonly busyTimeoutMs: number;
}

/** What an error of SQLite, of the file system or of an operation means. */
export function failureOf(error: unknown, facts: FileFacts): EngineFailure {
  if (error instanceof RefusedError) return error.failure;
  if (error instanceof ConflictError) return conflictFailure(error);
  const cause = causeOf(error);
  const code =
    codes[resultCode(error)] ??
    (errno(error) === 'ENOSPC' ? 'DARUMA_STORAGE_FULL' : 'DARUMA_STORAGE_UNUSABLE');
  return { code, ...texts[code as keyof typeof texts](facts, cause), cause };
}

export function conflictFailure({ message: cause }: ConflictError): EngineFailure {
  return {
    code: 'DARUMA_TRANSACTION_CONFLICT',
    message: 'What the transaction has read was changed meanwhile.',
    hint: 'Read again, and write again.',
    cause,
  };
}

/** SQLite waits for other processes by itself, but not everywhere. */
export function isBusy(error: unknown): boolean {
  return codes[resultCode(error)] === 'DARUMA_STORAGE_BUSY';
}

const texts = {
  DARUMA_STORAGE_BUSY: ({ file, busyTimeoutMs }: FileFacts) => ({
    message: `${file} was locked by another process for ${formatDuration(busyTimeoutMs)}; nothing was written.`,
    hint: 'Usual cause: a tool that has a transaction open on the file. Close it, or raise storage.busyTimeout.',
  }),
  DARUMA_STORAGE_CORRUPT: ({ file }: FileFacts) => ({
    message: `${file} is damaged, or no SQLite database. It was left as it is.`,
    hint: 'Put a backup in its place, or move it away to begin anew; sqlite3 FILE .recover saves what can be read. Usual cause: it was copied or restored without its -wal file, or overwritten.',
  }),
  DARUMA_STORAGE_FULL: ({ file }: FileFacts) => ({
    message: `There is no room left to write to ${file}; what was there before is intact.`,
    hint: 'Make room on the disk. The next write is tried again.',
  }),
  DARUMA_STORAGE_UNUSABLE: ({ file }: FileFacts, cause: string) => ({
    message: `${file} cannot be opened or written: ${cause}.`,
    hint: 'Usual cause: the folder belongs to another user, or is mounted read-only.',
  }),
};

export function foreignFile(file: string, found: string): RefusedError {
  return new RefusedError({
    code: 'DARUMA_STORAGE_FOREIGN',
    message: `${file} is ${found}. It was left as it is.`,
    hint: 'Choose another file: createSystem(app, { storage: { file } }) or daruma run --storage FILE.',
  });
}

export function newerFile(file: string, found: number, known: number): RefusedError {
  return new RefusedError({
    code: 'DARUMA_STORAGE_FOREIGN',
    message: `${file} was written by a newer Daruma: its schema has version ${found}, and this one knows ${known}. It was left as it is.`,
    hint: 'Install the version that wrote it, or a newer one.',
  });
}

export function damagedFile(facts: FileFacts, cause: string): RefusedError {
  const code = 'DARUMA_STORAGE_CORRUPT';
  return new RefusedError({ code, ...texts[code](facts), cause });
}

function resultCode(error: unknown): number {
  const { errcode } = error as { readonly errcode?: unknown };
  // The lower byte; the rest only says more about it.
  return typeof errcode === 'number' ? errcode & 0xff : -1;
}

function errno(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errstr, errcode } = error as { readonly errstr?: string; readonly errcode?: number };
  return errcode === undefined ? error.message : `${error.message} (SQLite ${errcode}: ${errstr})`;
}

export const closedFailure: EngineFailure = {
  code: 'DARUMA_STORAGE_CLOSED',
  message: 'The storage is closed: its system has stopped.',
  hint: 'Usual cause: a promise or timer that outlived its service. Await it, or undo it in ctx.defer().',
};

export function overloadedFailure(pendingBytes: number, maxBytes: number): EngineFailure {
  return {
    code: 'DARUMA_STORAGE_OVERLOADED',
    message: `${pendingBytes} bytes already wait to be stored, and ${maxBytes} may (storage.maxPendingBytes). Nothing was written.`,
    hint: 'Usual cause: writes that are not awaited. Await them, a thousand at a time; they still share commits.',
  };
}

/** @param cause why the thread ended */
export function lostFailure(cause: string, worker: string): EngineFailure {
  return {
    code: 'DARUMA_STORAGE_LOST',
    message:
      'The storage thread has ended. Whether a write that was under way is stored is not known.',
    hint: `Read again to find out. Where it ends at once, look at the cause: the thread runs ${worker}, which a bundler has to leave where it is.`,
    cause,
  };
}
