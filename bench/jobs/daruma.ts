import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import {
  type AnyService,
  createSystem,
  queue,
  type StorageOptions,
  supervisor,
  worker,
} from '../../src/index.ts';
import { type Broker, inChunks, type Payload, payloadOf, queueName } from './broker.ts';
import { startPostgres } from './postgres.ts';

const jobs = queue<Payload>(queueName);

export async function darumaOnSqlite(): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'daruma-bench-'));
  const end = () => rmSync(folder, { recursive: true, force: true });
  return await daruma({ file: join(folder, 'bench.sqlite') }, end);
}

export async function darumaOnPostgres(): Promise<Broker> {
  const server = await startPostgres();
  return await daruma({ postgres: server.url }, () => server[Symbol.asyncDispose]());
}

async function daruma(
  storage: StorageOptions,
  end: () => Promise<void> | undefined | void,
): Promise<Broker> {
  const logger = pino({ level: 'silent' });
  const start = async (services: readonly AnyService[]) =>
    await createSystem(supervisor('app', services), { storage, logger }).start();
  let system = await start([]);
  return {
    enqueue: (nth) => system.jobs.enqueue(jobs, payloadOf(nth)),
    enqueueMany: (first, count) =>
      inChunks(first, count, (all) =>
        system.jobs.enqueueMany(
          jobs,
          all.map((payload) => ({ payload })),
        ),
      ),
    async work(concurrency, handle) {
      await system.stop();
      system = await start([worker(jobs, { concurrency }, ({ payload }) => handle(payload.nth))]);
    },
    completed: async () => (await system.jobs.counts(jobs)).states.completed,
    async [Symbol.asyncDispose]() {
      await system.stop();
      await end();
    },
  };
}
