import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createSystem, type Storage, service, supervisor } from '../../src/index.ts';
import { freshFile } from '../services/storage/keeper.ts';
import { patienceMs, Run } from './daruma.ts';

const kills = Number(process.env.DARUMA_KILLS ?? 3);
const script = fileURLToPath(new URL('./fixtures/writer.ts', import.meta.url));

/** The numbers that a process acknowledged before it was killed, in the middle of its writes. */
async function acknowledged(file: string, from: number, killAfter: number): Promise<number[]> {
  const run = new Run([script, file, String(from)], {});
  let lines = 0;
  run.child.stdout?.on('data', (text: string) => {
    lines += text.split('\n').length - 1;
    if (lines >= killAfter) run.child.kill('SIGKILL');
  });
  const { signal, stderr } = await run.exit;
  expect([signal, stderr]).toEqual(['SIGKILL', '']);
  // The last line may be half of one.
  const numbers = run.stdout.split('\n').slice(0, -1).map(Number);
  expect(numbers.length, 'it was killed in the middle').toBeLessThan(10_000);
  return numbers;
}

/** Looks at a file as the service does that wrote it. */
async function withStorage<Result>(
  file: string,
  look: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  const writer = service('writer', { start: ({ storage }) => storage });
  const app = supervisor('app', [writer]);
  const logger = pino({ level: 'silent' });
  await using system = await createSystem(app, { storage: { file }, logger }).start();
  return await look(system.value(writer) as Storage);
}

it(`loses no acknowledged write when the process is killed, ${kills} times`, {
  timeout: patienceMs * kills,
}, async () => {
  const file = freshFile();
  const expected = new Set<number>();
  for (let kill = 0; kill < kills; kill++) {
    const killAfter = 1 + Math.floor(Math.random() * 8_000);
    for (const number of await acknowledged(file, kill * 10_000, killAfter)) expected.add(number);

    const startedAt = performance.now();
    const found = await withStorage(file, async (storage) => {
      await storage.get('0');
      const openedMs = performance.now() - startedAt;
      const there = await numbersIn(storage);
      return { missing: [...expected].filter((number) => !there.has(number)), openedMs };
    });

    expect(found.missing, `acknowledged, and not there (killed after ${killAfter})`).toEqual([]);
    expect(found.openedMs, 'opens at once').toBeLessThan(5_000);
    checkFile(file);
  }
});

async function numbersIn(storage: Storage): Promise<Set<number>> {
  const found = new Set<number>();
  let after = '';
  for (;;) {
    const page = await storage.list<{ number: number }>({ after, limit: 5_000 });
    for (const { key, value } of page) if (key === `${value.number}`) found.add(value.number);
    const last = page.at(-1);
    if (!last) return found;
    after = last.key;
  }
}

/** Intact, and no transaction is there by half. */
function checkFile(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true });
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  const halves = database.prepare(
    `SELECT key FROM entry WHERE key NOT LIKE 'twin%' AND key % 100 = 0
     AND 'twin of ' || key NOT IN (SELECT key FROM entry)
     UNION ALL SELECT key FROM entry WHERE key LIKE 'twin%'
     AND substr(key, 9) NOT IN (SELECT key FROM entry)`,
  );
  expect(halves.all()).toEqual([]);
  database.close();
}
