import { type Bench, choose, type Figures } from '../bench.ts';
import type { Broker, Load } from '../jobs/broker.ts';
import { redisServer } from '../jobs/redis.ts';
import { startLatency, throughput } from '../jobs/speed.ts';

const sqlite = 'daruma, SQLite';
const backlog = 'a million wait';
const hasRedis = redisServer() !== undefined;

/** Nobody's memory holds the code of the others. */
const brokers: Record<string, (load: Load) => Promise<Broker>> = {
  'pg-boss': async (load) => (await import('../jobs/pg-boss.ts')).pgBoss(load),
  [sqlite]: async () => (await import('../jobs/daruma.ts')).darumaOnSqlite(),
  'daruma, PostgreSQL': async () => (await import('../jobs/daruma.ts')).darumaOnPostgres(),
  ...(hasRedis && { 'BullMQ, Redis': async () => (await import('../jobs/bullmq.ts')).bullmq() }),
};

interface Measured {
  readonly contender: string;
  readonly isQuick: boolean;
}

const cases: Record<string, (measured: Measured) => Promise<Figures>> = {
  '1 at a time': atATime(1, 2_000, 4_000),
  '10 at a time': atATime(10, 5_000, 10_000),
  '100 at a time': atATime(100, 10_000, 20_000),
  'now and then': ({ contender, isQuick }) => {
    const [count, everyMs] = isQuick ? [2, 1] : [150, 20];
    return withBroker(contender, 'now and then', (broker) => startLatency(broker, count, everyMs));
  },
  [backlog]: async ({ isQuick }) => {
    const { claimsInBacklog } = await import('../jobs/backlog.ts');
    return await claimsInBacklog(isQuick ? 1_000 : 1_000_000, 1_000);
  },
};

const durability = `Everybody has a job on the disk before its enqueue resolves: synchronous=FULL, synchronous_commit=on${hasRedis ? ', appendfsync=always' : ''}.`;
const redis = hasRedis ? '' : ' BullMQ is left out: there is no redis-server on the PATH.';

const bench: Bench = {
  name: 'jobs',
  compares: `durable jobs of 100 bytes that do nothing, in a second: added one by one by so many callers (enqueue/s), then run and completed by a worker with so many places (done/s); how late the event loop was and how much memory the process had meanwhile, servers left out; from enqueue to handler, while nothing else is to be done (start); one claim beside so many others. ${durability}${redis}`,
  contenders: Object.keys(brokers),
  base: 'pg-boss',
  cases: Object.keys(cases),
  has: (contender, name) => name !== backlog || contender === sqlite,
  figures: [
    'enqueue/s',
    'done/s',
    'late p99 ms',
    'RSS MB',
    'start p50 ms',
    'start p99 ms',
    'claim ms',
  ],
  run: ({ contender, case: name, isQuick }) => choose(cases, name)({ contender, isQuick }),
};

export default bench;

/** @param done of which a part is added one by one */
function atATime(concurrency: number, added: number, done: number) {
  const few = concurrency * 4;
  return async ({ contender, isQuick }: Measured): Promise<Figures> => {
    const counts = isQuick ? { added: few, done: few } : { added, done };
    return await withBroker(contender, 'flood', (broker) =>
      throughput(broker, concurrency, counts),
    );
  };
}

async function withBroker(
  contender: string,
  load: Load,
  measure: (broker: Broker) => Promise<Figures>,
): Promise<Figures> {
  await using broker = await choose(brokers, contender)(load);
  return await measure(broker);
}
