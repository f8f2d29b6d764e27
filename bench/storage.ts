/**
 * `node bench/storage.ts`: what a write costs that survives a loss of power, beside a program that
 * commits each of its writes to SQLite by itself, and how long the event loop is held up meanwhile.
 * The disk decides: compare within one run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createSystem, type Storage, service, supervisor } from '../src/index.ts';

const rounds = 3;
const value = { id: 1, text: 'x'.repeat(180) };

interface Figures {
  readonly perSecond: number;
  /** The event loop was this late, in milliseconds. */
  readonly p99: number;
  readonly max: number;
}

/** @param write carries out so many writes; resolves when all of them are on disk */
async function measured(count: number, write: () => Promise<void>): Promise<Figures> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedAt = performance.now();
  await write();
  const seconds = (performance.now() - startedAt) / 1_000;
  delay.disable();
  return { perSecond: count / seconds, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 };
}

/** Each write commits in the thread of the program, which has a turn of its loop after each. */
async function bare(file: string, count: number): Promise<Figures> {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, value TEXT)');
  const insert = database.prepare('INSERT OR REPLACE INTO entry VALUES (?, ?)');
  const figures = await measured(count, async () => {
    for (let key = 0; key < count; key++) {
      insert.run(`key ${key}`, JSON.stringify(value));
      await nextTurn();
    }
  });
  database.close();
  return figures;
}

async function daruma(file: string, count: number, writers: number): Promise<Figures> {
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

function median(values: readonly number[]): number {
  return (
    values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN
  );
}

const folder = mkdtempSync(join(tmpdir(), 'daruma-bench-'));
const fresh = (name: string) => join(folder, `${name}.sqlite`);
const cases: readonly (readonly [string, () => Promise<Figures>])[] = [
  ['nothing, for a second', () => measured(0, () => sleep(1_000))],
  ['node:sqlite, a commit each', () => bare(fresh('bare'), 2_000)],
  ['ctx.storage, one at a time', () => daruma(fresh('single'), 2_000, 1)],
  ['ctx.storage, 100 at a time', () => daruma(fresh('hundred'), 50_000, 100)],
  ['ctx.storage, 1,000 at a time', () => daruma(fresh('thousand'), 100_000, 1_000)],
];

console.log(
  `\nDurable writes of ${JSON.stringify(value).length} bytes; medians of ${rounds} rounds.`,
);
console.log(`${'loop delay'.padStart(58)} p99 ms   max ms`);
const results = new Map<string, Figures[]>();
for (let round = 0; round < rounds; round++) {
  for (const [name, run] of cases) {
    results.set(name, [...(results.get(name) ?? []), await run()]);
  }
}
for (const [name, all] of results) {
  const perSecond = median(all.map((figures) => figures.perSecond));
  const p99 = median(all.map((figures) => figures.p99));
  const max = median(all.map((figures) => figures.max));
  const rate = `${Math.round(perSecond).toLocaleString('en-US')} writes/s`;
  console.log(
    `${name.padEnd(30)} ${rate.padStart(20)} ${p99.toFixed(2).padStart(13)} ${max.toFixed(1).padStart(8)}`,
  );
}
rmSync(folder, { recursive: true, force: true });
