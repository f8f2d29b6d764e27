import pg from 'pg';
import { PostgresServer } from '../../test/postgres/server.ts';
import { expect } from '../bench.ts';

/** As it comes out of the box: what it has committed is on the disk. */
export async function startPostgres(): Promise<PostgresServer> {
  const server = await PostgresServer.start();
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  for (const setting of ['fsync', 'synchronous_commit']) {
    const { rows } = await client.query(`SHOW ${setting}`);
    expect(rows[0][setting] === 'on', `with ${setting} on`);
  }
  await client.end();
  return server;
}
