import type { Connection } from './connection.ts';

/**
 * Rows are looked up by indexes, whatever the server takes the sizes of tables to be: it counts now
 * and then, and a queue that was empty at that moment may have a million jobs by now. So there is
 * nothing to be planned anew, which would take longer than most statements. And a process that stands
 * still in the middle of a transaction does not hold up the others for longer than this.
 */
const settings = [
  'enable_seqscan = off',
  'enable_hashjoin = off',
  'enable_mergejoin = off',
  'plan_cache_mode = force_generic_plan',
  "idle_in_transaction_session_timeout = '10s'",
];

/** What begins a transaction that changes something. */
export function beginOf({ keepsSettings }: Connection): string {
  if (keepsSettings) return 'BEGIN';
  return ['BEGIN', ...settings.map((setting) => `SET LOCAL ${setting}`)].join('; ');
}

/**
 * What begins one that only looks something up, all of it in one state. What is read of the history
 * may be all of it or a thousandth: that is worth a plan of its own.
 */
export const beginToRead =
  'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL plan_cache_mode = auto';

/**
 * For the whole session, where it is ours alone. Whoever pools connections gives that of the server to
 * others as well, and shows us a process that is not there: then they are set in each transaction.
 */
export async function keepSettings(connection: Connection): Promise<void> {
  const { rows } = await connection.send({ text: 'SELECT pg_backend_pid() AS id' });
  const { id } = rows[0] as { readonly id: number };
  if (id !== connection.processId) return;
  await connection.send({ text: settings.map((setting) => `SET ${setting}`).join('; ') });
  connection.keepsSettings = true;
}
