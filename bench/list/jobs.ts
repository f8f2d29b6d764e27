import { type Bench, choose, type Figures } from '../bench.ts';
import { claimsInBacklog } from '../jobs/backlog.ts';
import type { Broker } from '../jobs/broker.ts';
import { bullmq, redisServer } from '../jobs/bullmq.ts';
import { darumaOnPostgres, darumaOnSqlite } from '../jobs/daruma.ts';
import { pgBoss, pgBossInBatches, pgBossPumped } from '../jobs/pg-boss.ts';
import { enqueueSpeed, processSpeed, startLatency } from '../jobs/speed.ts';

const sqlite = 'daruma, SQLite';
const plain = 'pg-boss';

const hasRedis = redisServer() !== undefined;

const brokers: Record<string, () => Promise<Broker>> = {
  'pg-boss, batches': pgBossInBatches,
  [plain]: pgBoss,
  'pg-boss, our pump': pgBossPumped,
  [sqlite]: darumaOnSqlite,
  'daruma, PostgreSQL': darumaOnPostgres,
  ...(hasRedis && { 'BullMQ, Redis': bullmq }),
};

interface Measured {
  readonly contender: string;
  readonly isQuick: boolean;
}

type Case = (measured: Measured) => Promise<Figures>;

/** Left to its defaults pg-boss has a job for each of its workers every two seconds. */
const isSlow = (contender: string) => contender === plain;

const cases: Record<string, Case> = {
  'now and then': ({ contender, isQuick }) => {
    const [count, everyMs] = isQuick ? [2, 1] : isSlow(contender) ? [5, 25] : [250, 25];
    return withBroker(contender, (broker) => startLatency(broker, count, everyMs));
  },
  '1 at a time': atATime(1, 1_000),
  '10 at a time': atATime(10, 5_000),
  '100 at a time': atATime(100, 20_000),
  'a million wait': async ({ contender, isQuick }) => {
    return contender === sqlite ? await claimsInBacklog(isQuick ? 1_000 : 1_000_000, 1_000) : {};
  },
};

const bench: Bench = {
  name: 'jobs',
  compares: `durable jobs that do nothing, in a second: added one by one by so many writers (enqueue/s), run and completed by a worker with so many places (done/s). PostgreSQL and SQLite have them on the disk before they say so${hasRedis ? ', Redis up to a second later' : '; BullMQ is left out, as there is no redis-server on the PATH'}.`,
  contenders: Object.keys(brokers),
  base: 'pg-boss, batches',
  cases: Object.keys(cases),
  figures: [
    'enqueue/s',
    'done/s',
    'start p50 ms',
    'start p99 ms',
    'late p99 ms',
    'RSS MB',
    'claim ms',
  ],
  run: ({ contender, case: name, isQuick }) => choose(cases, name)({ contender, isQuick }),
};

export default bench;

function atATime(concurrency: number, count: number): Case {
  return async ({ contender, isQuick }) => {
    const few = concurrency * 3;
    const processed = isQuick || isSlow(contender) ? few : count;
    const added = await withBroker(contender, (broker) =>
      enqueueSpeed(broker, concurrency, isQuick ? few : Math.max(count / 4, 500)),
    );
    const done = await withBroker(contender, (broker) =>
      processSpeed(broker, concurrency, processed),
    );
    return { ...added, ...done };
  };
}

async function withBroker(
  contender: string,
  measure: (broker: Broker) => Promise<Figures>,
): Promise<Figures> {
  await using broker = await choose(brokers, contender)();
  return await measure(broker);
}
