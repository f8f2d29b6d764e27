import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { type Broker, inChunks, type Load, type Payload, payloadOf, queueName } from './broker.ts';
import { startPostgres } from './postgres.ts';

/** More made it no faster, and fewer slower. */
const connections = 50;
/** The shortest that it takes. */
const pollingIntervalSeconds = 0.5;

/**
 * With its own `work`, and those of its settings that were the fastest: one worker that fetches as
 * many jobs as there are places, and again as soon as it got as many. Notifications make jobs begin
 * sooner and everything else several times slower: it has them only where jobs come now and then.
 */
export async function pgBoss(load: Load): Promise<Broker> {
  const notify = load === 'now and then';
  const server = await startPostgres();
  const boss = new PgBoss({
    connectionString: server.url,
    max: connections,
    useListenNotify: notify,
  });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue(queueName, { notify });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  return {
    enqueue: (nth) => boss.send(queueName, payloadOf(nth)),
    enqueueMany: (first, count) => {
      return inChunks(first, count, (all) =>
        boss.insert(
          queueName,
          all.map((data) => ({ data })),
        ),
      );
    },
    async work(concurrency, handle) {
      // Of one at a time there are no bursts.
      const batchSize = Math.max(2, concurrency);
      const options = { batchSize, burstWhenBatchFull: true, pollingIntervalSeconds };
      await boss.work<Payload>(queueName, options, async (jobs) => {
        for (const { data } of jobs) handle(data.nth);
      });
    },
    async completed() {
      const sql = `SELECT count(*) FROM pgboss.job WHERE name = $1 AND state = 'completed'`;
      const { rows } = await client.query(sql, [queueName]);
      return Number(rows[0].count);
    },
    async [Symbol.asyncDispose]() {
      await boss.stop({ graceful: false });
      await client.end();
      await server[Symbol.asyncDispose]();
    },
  };
}
