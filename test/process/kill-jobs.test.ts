import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import {
  createSystem,
  type Jobs,
  type Storage,
  type StorageOptions,
  service,
  supervisor,
} from '../../src/index.ts';
import { freshSchema, postgresUrl } from '../postgres/postgres.ts';
import { PostgresServer } from '../postgres/server.ts';
import { freshFile } from '../services/storage/keeper.ts';
import { patienceMs, Run } from './daruma.ts';
import { labour } from './fixtures/labour.ts';

const kills = Number(process.env.DARUMA_KILLS ?? 3);
const script = fileURLToPath(new URL('./fixtures/labourer.ts', import.meta.url));
const jobCount = 1_000;
const leaseMs = 1_000;
/** Of a machine that is busy with other things. */
const slackMs = 10_000;

interface Line {
  readonly word: string;
  readonly id: string;
  readonly at: number;
}

/** One life of a worker's process, and what it has said. */
class Labourer {
  readonly run: Run;

  constructor(storage: StorageOptions) {
    this.run = new Run([script, JSON.stringify(storage)], {});
  }

  /** The last line may be half of one. */
  get lines(): Line[] {
    return this.run.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const [word = '', id = '', at = ''] = line.split(' ');
        return { word, id, at: Number(at) };
      });
  }

  async killedAfter(completed: number): Promise<void> {
    await this.run.sees('completed', completed);
    this.run.signal('SIGKILL');
    const { signal, stderr } = await this.run.exit;
    expect([signal, stderr]).toEqual(['SIGKILL', '']);
  }
}

/** Looks at the jobs as any process does that shares the storage. */
async function looking<Result>(
  storage: StorageOptions,
  look: (jobs: Jobs, entries: Storage) => Promise<Result>,
): Promise<Result> {
  // The name of the worker: it looks at what that has stored.
  const clerk = service('labour', { start: ({ storage }) => storage });
  const app = supervisor('app', [clerk]);
  const logger = pino({ level: 'silent' });
  await using system = await createSystem(app, { storage, logger }).start();
  return await look(system.jobs, system.value(clerk) as Storage);
}

async function addAll(storage: StorageOptions): Promise<void> {
  await looking(storage, async (jobs) => {
    const list = Array.from({ length: jobCount }, (_, number) => ({ payload: { number } }));
    await jobs.enqueueMany(labour, list);
  });
}

async function survivesKills(storage: StorageOptions): Promise<void> {
  await addAll(storage);
  const lives: Labourer[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const life = new Labourer(storage);
    lives.push(life);
    await life.killedAfter(1 + Math.floor((Math.random() * jobCount) / (kills + 1)));
  }
  const last = new Labourer(storage);
  lives.push(last);
  await allAreDone(storage, last);
  const acknowledged = lives.flatMap(({ lines }) =>
    lines.filter(({ word }) => word === 'completed'),
  );
  expect(new Set(acknowledged.map(({ id }) => id)).size).toBe(acknowledged.length);
  for (const [index, life] of lives.slice(0, -1).entries()) {
    comeBack(life.lines, lives[index + 1]?.lines ?? []);
  }
}

/** Lets the last worker finish, and looks at what is there. */
async function allAreDone(storage: StorageOptions, last: Labourer): Promise<void> {
  await looking(storage, async (jobs, entries) => {
    const left = async () => (await jobs.counts(labour)).states.completed < jobCount;
    while (await left()) await setTimeout(20);
    last.run.signal('SIGTERM');
    expect((await last.run.exit).code).toBe(0);

    expect(await jobs.counts(labour)).toMatchObject({
      states: { completed: jobCount, active: 0, ready: 0, scheduled: 0, dead: 0 },
    });
    const counted = await entries.list<number>({ limit: 10_000 });
    expect(counted.length).toBe(jobCount);
    expect(
      counted.filter(({ value }) => value !== 1),
      'completed twice',
    ).toEqual([]);
  });
}

/** What was cut off begins again in the next life, once its lease has run out. */
function comeBack(before: readonly Line[], after: readonly Line[]): void {
  const died = before.at(-1)?.at ?? 0;
  const ended = new Set(before.filter(({ word }) => word === 'completed').map(({ id }) => id));
  const cutOff = before.filter(({ word, id }) => word === 'began' && !ended.has(id));
  const again = cutOff.flatMap(({ id }) =>
    after.filter((line) => line.word === 'began' && line.id === id),
  );
  for (const { at } of again) {
    expect(at - died, 'ms until it began again').toBeLessThan(leaseMs + slackMs);
  }
}

const timeout = patienceMs * (kills + 2);

describe(`1,000 jobs whose worker is killed ${kills} times`, { timeout }, () => {
  it('are all done, none of them twice: in a file', async () => {
    await survivesKills({ file: freshFile() });
  });

  it('are all done, none of them twice: in PostgreSQL', async () => {
    await survivesKills({ postgres: await postgresUrl(), schema: freshSchema() });
  });
});

describe(`1,000 jobs whose database server is killed ${kills} times`, { timeout }, () => {
  it('are all done, none of them twice, by a worker that recovers by itself', async () => {
    await using server = await PostgresServer.start();
    const storage = { postgres: server.url };
    await addAll(storage);
    const worker = new Labourer(storage);
    for (let kill = 1; kill <= kills; kill++) {
      await worker.run.sees('completed', Math.floor((jobCount * kill) / (kills + 2)));
      await server.kill();
      await server.start();
    }
    await allAreDone(storage, worker);
  });
});
