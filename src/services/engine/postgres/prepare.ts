import { RefusedError } from '../failures.ts';
import type { PostgresFacts } from './address.ts';
import type { Connection } from './connection.ts';
import { readOnlyServer } from './failures.ts';
import { migrate } from './migrations.ts';
import { keepSettings } from './settings.ts';

/** Makes a new connection fit to be used, or says why it is not. */
export async function prepare(connection: Connection, facts: PostgresFacts): Promise<void> {
  const { rows } = await connection.send({
    text: `SELECT current_setting('server_encoding') AS encoding,
             current_setting('transaction_read_only') AS read_only`,
  });
  const { encoding, read_only } = rows[0] as { encoding: string; read_only: string };
  if (read_only === 'on') throw readOnlyServer();
  // In another encoding texts would be changed, or refused one by one.
  if (encoding !== 'UTF8') throw wrongEncoding(encoding);
  await migrate(connection, facts);
  await keepSettings(connection);
}

function wrongEncoding(encoding: string): RefusedError {
  return new RefusedError({
    code: 'DARUMA_STORAGE_UNUSABLE',
    message: `The database has the encoding ${encoding}, which cannot say every text.`,
    hint: "Make one with UTF8: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0.",
  });
}
