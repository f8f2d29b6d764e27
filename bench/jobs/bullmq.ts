import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { type Broker, inChunks, type Payload, payloadOf, queueName } from './broker.ts';

/** Where a Redis server is to be found; undefined: nowhere on the PATH. */
export function redisServer(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'redis-server')).find(isExecutable);
}

/** With the only setting of Redis under which what it has answered is on the disk. */
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

function startRedis(folder: string, port: number): ChildProcess {
  const settings = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const safety = ['--appendonly', 'yes', '--appendfsync', 'always'];
  const server = spawn(redisServer() as string, [...settings, ...safety].map(String), {
    stdio: 'ignore',
  });
  const end = () => server.kill('SIGKILL');
  process.once('exit', end);
  server.once('exit', () => process.off('exit', end));
  return server;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
