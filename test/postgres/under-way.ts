import type { Request, Step } from '../../src/services/engine/engine.ts';
import { callsOf, carryOut } from '../../src/services/engine/postgres/calls.ts';
import { Connection } from '../../src/services/engine/postgres/connection.ts';
import { locksOf, takeLocks } from '../../src/services/engine/postgres/locks.ts';
import { ServerClock } from '../../src/services/engine/postgres/server-clock.ts';
import { Session, Statements } from '../../src/services/engine/postgres/session.ts';
import { postgresUrl } from './postgres.ts';

/** A request of another process that is done, but not committed. */
export async function underWay(schema: string, ...steps: readonly Step[]) {
  const listener = { onLost: () => {} };
  const attempt = { signal: new AbortController().signal, isHeld: true };
  const connection = await Connection.open(await postgresUrl(), 5_000, listener, attempt);
  const session = new Session(connection, new Statements(schema), new ServerClock());
  const request: Request = { steps, isRehearsal: false };
  await session.command('BEGIN');
  await takeLocks(session, schema, locksOf([request]));
  for (const call of callsOf([request])) await carryOut(session, call);
  return {
    /** A moment later: whoever has to wait for it does so by then. */
    commit: async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await session.command('COMMIT');
      await connection.end();
    },
  };
}
