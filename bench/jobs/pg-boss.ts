import { createHash } from 'node:crypto';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { PostgresServer } from '../../test/postgres/server.ts';
import { type Broker, type Handle, inChunks, type Payload, queueName } from './broker.ts';

/** Begins to run jobs; returns how to end that. */
type Work = (boss: PgBoss, concurrency: number, handle: Handle) => Promise<() => unknown>;

/** As somebody uses it who has read how to begin. */
export const pgBoss = () => connect(workPlainly, false);

/** With what it has for throughput: batches, bursts of them, and notifications. */
export const pgBossInBatches = () => connect(workInBatches, true);

/** Under a loop of our own. */
export const pgBossPumped = () => connect(pump, true);

async function connect(work: Work, notify: boolean): Promise<Broker> {
  const server = await PostgresServer.start();
  const boss = new PgBoss({ connectionString: server.url, useListenNotify: notify });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue(queueName, { notify });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  let leave: (() => unknown) | undefined;
  return {
    enqueue: (nth) => boss.send(queueName, { nth }),
    enqueueMany: (count) => {
      return inChunks(count, (all) =>
        boss.insert(
          queueName,
          all.map((data) => ({ data })),
        ),
      );
    },
    async work(concurrency, handle) {
      leave = await work(boss, concurrency, handle);
    },
    async completed() {
      const sql = `SELECT count(*) FROM pgboss.job WHERE name = $1 AND state = 'completed'`;
      const { rows } = await client.query(sql, [queueName]);
      return Number(rows[0].count);
    },
    async [Symbol.asyncDispose]() {
      await leave?.();
      await boss.stop({ graceful: false });
      await client.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

const workPlainly: Work = async (boss, localConcurrency, handle) => {
  await boss.work<Payload>(queueName, { localConcurrency }, async (jobs) => {
    for (const { data } of jobs) handle(data.nth);
  });
  return () => boss.offWork(queueName);
};

const workInBatches: Work = async (boss, concurrency, handle) => {
  // Of one at a time there are no bursts.
  const batchSize = Math.max(2, concurrency);
  const options = { batchSize, burstWhenBatchFull: true, perJobResults: true } as const;
  await boss.work<Payload>(queueName, options, async (jobs) => {
    for (const { data } of jobs) handle(data.nth);
    return jobs.map(({ id }) => ({ id, status: 'completed' }));
  });
  return () => boss.offWork(queueName);
};

/** Fetches as many jobs as there are places, and completes together what has ended meanwhile. */
const pump: Work = async (boss, concurrency, handle) => {
  const options = { batchSize: concurrency, includeMetadata: true } as const;
  let isOver = false;
  let wake = Promise.withResolvers<void>();
  const news = () => wake.resolve();
  const database = boss.getDb();
  const ears = await database.listen?.(channelOf('pgboss'), news, news);
  const loop = async () => {
    let ended: { id: string; retryCount: number }[] = [];
    while (!isOver) {
      wake = Promise.withResolvers();
      const completing = ended.length > 0 && boss.complete(queueName, ended);
      const [jobs] = await Promise.all([boss.fetch<Payload>(queueName, options), completing]);
      for (const { data } of jobs) handle(data.nth);
      ended = jobs.map(({ id, retryCount }) => ({ id, retryCount }));
      if (jobs.length === 0) await wake.promise;
    }
  };
  const looping = loop();
  return async () => {
    isOver = true;
    wake.resolve();
    await looping;
    await ears?.close();
  };
};

/** What it notifies: not documented, but fixed for this version. */
function channelOf(schema: string): string {
  return `pgboss_${createHash('sha224').update(schema).digest('hex').slice(0, 24)}`;
}
