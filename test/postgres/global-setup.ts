import { createServer } from 'node:net';
import type { TestProject } from 'vitest/node';
import { PostgresServer } from './server.ts';

/**
 * One PostgreSQL server for the whole run, started when the first test asks for its address: a run
 * without such tests does not pay for it.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<PostgresServer> | undefined;
  const desk = createServer((socket) => {
    socket.on('error', () => {});
    // What is lost in a power cut is no concern of a test run.
    starting ??= PostgresServer.start(['fsync=off', 'synchronous_commit=off']);
    starting.then(
      (server) => socket.end(JSON.stringify({ url: server.url })),
      (error) => socket.end(JSON.stringify({ error: String(error) })),
    );
  });
  await new Promise<void>((resolve) => desk.listen(0, '127.0.0.1', resolve));
  project.provide('postgresDesk', (desk.address() as { port: number }).port);
  return async () => {
    desk.close();
    const server = await starting?.catch(() => undefined);
    await server?.[Symbol.asyncDispose]();
  };
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly postgresDesk: number;
  }
}
