import type { Database } from './database.ts';
import type { EngineFailure } from './engine.ts';
import { RefusedError } from './failures.ts';

/** What at most one of several processes may do at a time. Times are milliseconds since the epoch. */
export interface LeaseRow {
  /** Goes up whenever somebody gets the lease, and never down. */
  readonly token: number;
  /** Who has it: shown to people, no part of any decision. */
  readonly holder: string;
  /** Somebody else may have it from then on. */
  readonly until: number;
}

/** What became of an attempt to get a lease. */
export interface LeaseAnswer extends Omit<LeaseRow, 'token'> {
  /** null: somebody else has it. */
  readonly token: number | null;
}

export interface LeaseClaim {
  readonly name: string;
  readonly token: number;
}

const isCurrent = 'name = :name AND token = :token AND is_free = 0';

export const leaseReads = [
  'leases.read',
  'leases.expect',
] as const satisfies readonly (keyof typeof leaseOperations)[];

export const leaseOperations = {
  /** A lease that nobody has, or that has run out. */
  'leases.acquire'(
    database: Database,
    request: {
      readonly name: string;
      readonly holder: string;
      readonly now: number;
      readonly ttlMs: number;
    },
  ): LeaseAnswer {
    const granted = database.get(
      `INSERT INTO lease (name, token, holder, until, ttl_ms, is_free)
       VALUES (:name, 1, :holder, :now + :ttlMs, :ttlMs, 0)
       ON CONFLICT (name) DO UPDATE SET
         token = token + 1, holder = excluded.holder, until = excluded.until,
         ttl_ms = excluded.ttl_ms, is_free = 0
       WHERE is_free = 1 OR until <= :now
       RETURNING token, holder, until`,
      { ...request },
    );
    if (granted) return granted as unknown as LeaseRow;
    const { name, now } = request;
    // Nobody renews so far ahead: the clock was set back, and who had it may be gone.
    database.run(
      'UPDATE lease SET until = :now + ttl_ms WHERE name = :name AND until > :now + ttl_ms',
      { name, now },
    );
    const { holder, until } = readLease(database, name) as LeaseRow;
    return { token: null, holder, until };
  },

  /** Also of one that has run out, as long as nobody has had it since. false: it is lost. */
  'leases.renew'(
    database: Database,
    { ttlMs, now, ...claim }: LeaseClaim & { readonly now: number; readonly ttlMs: number },
  ): boolean {
    const sql = `UPDATE lease SET until = :now + :ttlMs, ttl_ms = :ttlMs WHERE ${isCurrent}`;
    return database.run(sql, { ...claim, now, ttlMs }) > 0;
  },

  /** Whoever asks next has it. false: it was lost before. */
  'leases.release'(database: Database, claim: LeaseClaim): boolean {
    return database.run(`UPDATE lease SET is_free = 1 WHERE ${isCurrent}`, { ...claim }) > 0;
  },

  /**
   * Fails the whole request when somebody else has had the lease since, when it was released or has
   * run out: what an old holder writes late is never stored.
   */
  'leases.expect'(
    database: Database,
    { name, token, now }: LeaseClaim & { readonly now: number },
  ): void {
    const found = readLease(database, name);
    if (found?.token === token && found.until > now) return;
    throw new RefusedError(leaseLostFailure({ name, token, now }, found));
  },

  /** null: nobody has it, and nobody's has run out. */
  'leases.read'(database: Database, { name }: { readonly name: string }): LeaseRow | null {
    return readLease(database, name);
  },
};

function readLease(database: Database, name: string): LeaseRow | null {
  const sql = 'SELECT token, holder, until FROM lease WHERE name = :name AND is_free = 0';
  return (database.get(sql, { name }) as LeaseRow | undefined) ?? null;
}

export function leaseLostFailure(
  { name, token, now }: LeaseClaim & { readonly now: number },
  found: LeaseRow | null,
): EngineFailure {
  return {
    code: 'DARUMA_LEASE_LOST',
    message: `The lease on ${name} is not held with token ${token} any more${stateOf(found, now)}.`,
    hint: 'Whoever held it has lost it meanwhile: nothing was written. Let the error pass; it is somebody else who goes on.',
  };
}

function stateOf(found: LeaseRow | null, now: number): string {
  if (!found) return ': it was released';
  const { token, holder, until } = found;
  return until > now ? `: ${holder} holds it with token ${token}` : ': it has run out';
}
