import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createSystem, type Jobs, type Storage, service, supervisor } from '../../src/index.ts';
import { freshFile } from '../services/storage/keeper.ts';
import { patienceMs, Run } from './daruma.ts';
import { labour, storageAt } from './fixtures/labour.ts';

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

  constructor(place: string) {
    this.run = new Run([script, place], {});
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
  place: string,
  look: (jobs: Jobs, storage: Storage) => Promise<Result>,
): Promise<Result> {
  // The name of the worker: it looks at what that has stored.
  const clerk = service('labour', { start: ({ storage }) => storage });
  const app = supervisor('app', [clerk]);
  const logger = pino({ level: 'silent' });
  await using system = await createSystem(app, { storage: storageAt(place), logger }).start();
  return await look(system.jobs, system.value(clerk) as Storage);
}

async function survivesKills(place: string): Promise<void> {
  await looking(place, async (jobs) => {
    const list = Array.from({ length: jobCount }, (_, number) => ({ payload: { number } }));
    await jobs.enqueueMany(labour, list);
  });
  const lives: Labourer[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const life = new Labourer(place);
    lives.push(life);
    await life.killedAfter(1 + Math.floor((Math.random() * jobCount) / (kills + 1)));
  }
  const last = new Labourer(place);
  lives.push(last);
  await looking(place, async (jobs, storage) => {
    const left = async () => (await jobs.counts(labour)).states.completed < jobCount;
    for (let seen = 0; await left(); seen++) await last.run.sees('completed', seen + 1);
    last.run.signal('SIGTERM');
    expect((await last.run.exit).code).toBe(0);

    expect(await jobs.counts(labour)).toMatchObject({
      states: { completed: jobCount, active: 0, ready: 0, scheduled: 0, dead: 0 },
    });
    const counted = await storage.list<number>({ limit: 10_000 });
    expect(counted.length).toBe(jobCount);
    expect(
      counted.filter(({ value }) => value !== 1),
      'completed twice',
    ).toEqual([]);
  });
  const acknowledged = lives.flatMap(({ lines }) =>
    lines.filter(({ word }) => word === 'completed'),
  );
  expect(new Set(acknowledged.map(({ id }) => id)).size).toBe(acknowledged.length);
  for (const [index, life] of lives.slice(0, -1).entries()) {
    comeBack(life.lines, lives[index + 1]?.lines ?? []);
  }
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

describe(`1,000 jobs whose worker is killed ${kills} times`, () => {
  it('are all done, none of them twice: in a file', {
    timeout: patienceMs * (kills + 2),
  }, async () => {
    await survivesKills(freshFile());
  });
});
