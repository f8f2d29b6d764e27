import type { ErrorInfo } from '../events.ts';

/** What happens to the lease of a singleton. */
export type LeaseHappening =
  /**
   * Somebody else has it (`standing-by`); it is its own, and what it is for begins (`acquired`);
   * nobody answers (`unreachable`), or does again (`renewed`); it can run out before it is renewed,
   * or somebody else has it (`lost`); it was given back (`released`).
   */
  {
    readonly type: 'lease';
    readonly status: 'standing-by' | 'acquired' | 'unreachable' | 'renewed' | 'lost' | 'released';
    /** Its own, or the one it had; null: it has none. */
    readonly token: number | null;
    /** Who has it, of `standing-by`. */
    readonly holder?: string;
    /** Why nobody answers, of `unreachable`. */
    readonly error?: ErrorInfo;
  };

export function describeLease({ status, token, holder, error }: LeaseHappening): string {
  switch (status) {
    case 'standing-by':
      return `stands by: ${holder} has the lease`;
    case 'acquired':
      return `has the lease, with token ${token}`;
    case 'unreachable':
      return token === null
        ? `stands by, as nobody can say who has the lease: ${error?.message}`
        : `cannot renew its lease: ${error?.message}`;
    case 'renewed':
      return 'has renewed its lease after all';
    case 'lost':
      return `has lost the lease with token ${token}, and stops what it was for`;
    case 'released':
      return 'has given the lease back';
  }
}
