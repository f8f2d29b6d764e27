import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { type Broker, inChunks, type Payload, payloadOf, queueName } from './broker.ts';
import { freePort, startRedis } from './redis.ts';

export async function bullmq(): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'daruma-bench-'));
  const port = await freePort();
  const server = startRedis(folder, port);
  // It waits until the server is there.
  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
  const queue = new Queue<Payload>(queueName, { connection });
  let worker: Worker<Payload> | undefined;
  return {
    enqueue: (nth) => queue.add('job', payloadOf(nth)),
    enqueueMany: (first, count) => {
      return inChunks(first, count, (all) =>
        queue.addBulk(all.map((data) => ({ name: 'job', data }))),
      );
    },
    async work(concurrency, handle) {
      const options = { connection, concurrency };
      worker = new Worker(queueName, async ({ data }) => handle(data.nth), options);
      await worker.waitUntilReady();
    },
    completed: () => queue.getCompletedCount(),
    async [Symbol.asyncDispose]() {
      await worker?.close();
      await queue.close();
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
