import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createSystem, type Storage, service, supervisor } from '../../src/index.ts';
import { type Bench, choose, type Figures } from '../bench.ts';

interface Case {
  /** How many writes are under way beside each other. */
  readonly writers: number;
  readonly count: number;
}

const value = { id: 1, text: 'x'.repeat(180) };

const cases: Record<string, Case> = {
  'one at a time': { writers: 1, count: 2_000 },
  '100 at a time': { writers: 100, count: 50_000 },
  '1,000 at a time': { writers: 1_000, count: 100_000 },
};

/** Resolves when so many writes are on disk. */
const contenders: Record<string, (file: string, size: Case) => Promise<Figures>> = {
  'an idle loop': async (_file, { count }) => {
    const { 'writes/s': _none, ...delay } = await measured(0, () => sleep(Math.min(500, count)));
    return delay;
  },
  'node:sqlite': bare,
  daruma,
};

const bench: Bench = {
  name: 'storage',
  compares: `writes of ${JSON.stringify(value).length} bytes that survive a loss of power, beside a program that commits each by itself in its own thread, one after the other; and how late the event loop was meanwhile. The disk decides.`,
  contenders: Object.keys(contenders),
  base: 'node:sqlite',
  cases: Object.keys(cases),
  figures: ['writes/s', 'late p99 ms', 'late max ms'],

  async run({ contender, case: name, isQuick }) {
    const { writers, count } = choose(cases, name);
    const folder = mkdtempSync(join(tmpdir(), 'daruma-bench-'));
    try {
      const size = { writers, count: isQuick ? 50 : count };
      return await choose(contenders, contender)(join(folder, 'bench.sqlite'), size);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

export default bench;

/** Each write commits in the thread of the program, which has a turn of its loop after each. */
async function bare(file: string, { count }: Case): Promise<Figures> {
  // However many there are, they wait for each other.
  const writes = Math.min(count, 2_000);
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, value TEXT)');
  const insert = database.prepare('INSERT OR REPLACE INTO entry VALUES (?, ?)');
  const figures = await measured(writes, async () => {
    for (let key = 0; key < writes; key++) {
      insert.run(`key ${key}`, JSON.stringify(value));
      await nextTurn();
    }
  });
  database.close();
  return figures;
}

async function daruma(file: string, { writers, count }: Case): Promise<Figures> {
  const keeper = service('keeper', { start: ({ storage }) => storage });
  const logger = pino({ level: 'silent' });
  const app = supervisor('app', [keeper]);
  await using system = await createSystem(app, { storage: { file }, logger }).start();
  const storage = system.value(keeper) as Storage;
  await storage.set('first', value);
  return await measured(count, async () => {
    let next = 0;
    const write = async () => {
      while (next < count) await storage.set(`key ${next++}`, value);
    };
    await Promise.all(Array.from({ length: writers }, write));
  });
}

/** @param write carries out so many writes; resolves when all of them are on disk */
async function measured(count: number, write: () => Promise<void>): Promise<Figures> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const begun = performance.now();
  await write();
  const seconds = (performance.now() - begun) / 1_000;
  delay.disable();
  return {
    'writes/s': count / seconds,
    'late p99 ms': delay.percentile(99) / 1e6,
    'late max ms': delay.max / 1e6,
  };
}
