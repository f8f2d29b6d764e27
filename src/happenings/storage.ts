import type { ErrorInfo } from '../events.ts';

/**
 * What happens to the file, or the database, that services store things in; its path is the root's.
 * Of a database `file` is its address, without user and password.
 */
export type StorageHappening =
  /** It is open, for the first time or again after its thread, or the connection, was lost. */
  | { readonly type: 'storage-opened'; readonly file: string }
  /** It cannot be opened, or the thread that had it open has ended; out of reach, or lost. */
  | { readonly type: 'storage-failed'; readonly file: string; readonly error: ErrorInfo };

export function describeStorage(event: StorageHappening): string {
  switch (event.type) {
    case 'storage-opened':
      return `keeps what its services store in ${event.file}`;
    case 'storage-failed':
      return `cannot store anything: ${event.error.message}`;
  }
}
