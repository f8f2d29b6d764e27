import type { ArgsOf } from '../engine.ts';
import { RefusedError } from '../failures.ts';
import { type LeaseAnswer, type LeaseRow, leaseLostFailure } from '../leases.ts';
import type { Session } from './session.ts';

const isCurrent = 'name = :name AND token = :token AND NOT is_free';

export const leaseOperations = {
  async 'leases.acquire'(
    session: Session,
    { name, holder, ttlMs, ...request }: ArgsOf<'leases.acquire'>,
  ): Promise<LeaseAnswer> {
    const now = session.toServer(request.now);
    const granting = session.row<LeaseRow>(
      `INSERT INTO $schema.lease AS lease (name, token, holder, until, ttl_ms, is_free)
       VALUES (:name, 1, :holder, :now::bigint + :ttlMs, :ttlMs, false)
       ON CONFLICT (name) DO UPDATE SET
         token = lease.token + 1, holder = excluded.holder, until = excluded.until,
         ttl_ms = excluded.ttl_ms, is_free = false
       WHERE lease.is_free OR lease.until <= :now
       RETURNING token, holder, until`,
      { name, holder, now, ttlMs },
    );
    // Nobody renews so far ahead: the clock was set back, and who had it may be gone.
    const mending = session.run(
      `UPDATE $schema.lease SET until = :now::bigint + ttl_ms
       WHERE name = :name AND until > :now::bigint + ttl_ms`,
      { name, now },
    );
    const [granted, , held] = await Promise.all([granting, mending, readLease(session, name)]);
    if (granted) return { ...granted, until: session.toLocal(granted.until) };
    const { holder: other, until } = held as LeaseRow;
    return { token: null, holder: other, until };
  },

  async 'leases.renew'(
    session: Session,
    { now, ttlMs, ...claim }: ArgsOf<'leases.renew'>,
  ): Promise<boolean> {
    const sql = `UPDATE $schema.lease SET until = :now::bigint + :ttlMs, ttl_ms = :ttlMs WHERE ${isCurrent}`;
    return (await session.run(sql, { ...claim, ttlMs, now: session.toServer(now) })) > 0;
  },

  async 'leases.release'(session: Session, claim: ArgsOf<'leases.release'>): Promise<boolean> {
    const sql = `UPDATE $schema.lease SET is_free = true WHERE ${isCurrent}`;
    return (await session.run(sql, { ...claim })) > 0;
  },

  /** Nobody can take it before the end of the transaction. */
  async 'leases.expect'(
    session: Session,
    { name, token, now }: ArgsOf<'leases.expect'>,
  ): Promise<void> {
    const held = await readLease(session, name, 'FOR UPDATE');
    if (held?.token === token && held.until > now) return;
    throw new RefusedError(leaseLostFailure({ name, token, now }, held));
  },

  'leases.read'(session: Session, { name }: ArgsOf<'leases.read'>): Promise<LeaseRow | null> {
    return readLease(session, name);
  },
};

async function readLease(
  session: Session,
  name: string,
  lock: '' | 'FOR UPDATE' = '',
): Promise<LeaseRow | null> {
  const row = await session.row<LeaseRow>(
    `SELECT token, holder, until FROM $schema.lease WHERE name = :name AND NOT is_free ${lock}`,
    { name },
  );
  return row ? { ...row, until: session.toLocal(row.until) } : null;
}
