import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createSystem, type StorageOptions, service, supervisor } from '../../src/index.ts';
import { freshSchema, postgresUrl } from '../postgres/postgres.ts';
import { freshFile } from '../services/storage/keeper.ts';
import { patienceMs, Run } from './daruma.ts';

/** How many ticks are watched, one a second: a minute in the long version. */
const ticks = Number(process.env.DARUMA_TICKS ?? 6);
/** What replicas may share, each time one that nobody else has. */
const storages: readonly (readonly [string, () => Promise<StorageOptions>])[] = [
  ['on one file', async () => ({ file: freshFile() })],
  ['on one server', async () => ({ postgres: await postgresUrl(), schema: freshSchema() })],
];
const script = fileURLToPath(new URL('./fixtures/replica.ts', import.meta.url));

/** Processes on one storage. */
class Replicas {
  readonly #storage: StorageOptions;
  readonly runs: Run[] = [];

  constructor(storage: StorageOptions) {
    this.#storage = storage;
  }

  start(): Run {
    const run = new Run([script, JSON.stringify(this.#storage)], {});
    this.runs.push(run);
    return run;
  }

  /** What all of them have said after a word, in no order. */
  numbers(word: string): number[] {
    const all = this.runs.map(({ stdout }) => stdout).join('');
    return [...all.matchAll(new RegExp(`^${word} (\\d+)$`, 'gm'))].map(([, number]) =>
      Number(number),
    );
  }

  /** What their transactions have stored: how often each tick was done. */
  async ledger(): Promise<(readonly [due: number, times: number])[]> {
    const ledger = service('ledger', { start: ({ storage }) => storage });
    const logger = pino({ level: 'silent' });
    const app = supervisor('app', [ledger]);
    await using system = await createSystem(app, { storage: this.#storage, logger }).start();
    const entries = await system.value(ledger)?.list<number>();
    return (entries ?? []).map(({ key, value }) => [Number(key), value] as const);
  }

  /** Resolves when all together have said so much after a word. */
  async say(word: string, count: number): Promise<void> {
    while (this.numbers(word).length < count) {
      await Promise.race(this.runs.map((run) => run.more()));
    }
  }
}

describe.each(storages)('replicas %s', { timeout: patienceMs + 2_000 * ticks }, (_name, share) => {
  it('hand a singleton over when the one that has it is killed, or stops', async () => {
    const replicas = new Replicas(await share());
    const first = replicas.start();
    await first.sees('works 1');
    const second = replicas.start();
    await second.sees('standing-by');
    await first.sees('count 10');
    first.signal('SIGKILL');
    await second.sees(/works \d/);
    const third = replicas.start();
    await third.sees('standing-by');
    second.signal('SIGTERM');
    await third.sees(/works \d/);
    await third.sees('count ', 5);
    third.signal('SIGTERM');
    await Promise.all(replicas.runs.map(({ exit }) => exit));

    const tokens = replicas.numbers('works');
    expect(tokens.length).toBeGreaterThanOrEqual(3);
    expect(tokens).toEqual([...new Set(tokens)].sort((one, two) => one - two));
    expect(second.stdout.trimEnd().split('\n').at(-1)).toBe('released');
    // The last count of one that was killed may be stored, and not said.
    const counts = replicas.numbers('count').sort((one, two) => one - two);
    expect(new Set(counts).size).toBe(counts.length);
    expect((counts.at(-1) ?? 0) - counts.length).toBeLessThanOrEqual(1);
  });

  it(`run ${ticks} ticks of a schedule once each, though one of them is killed`, async () => {
    const replicas = new Replicas(await share());
    const first = replicas.start();
    const second = replicas.start();
    await replicas.say('tick', Math.ceil(ticks / 2));
    first.signal('SIGKILL');
    replicas.start();
    await replicas.say('tick', ticks);
    for (const run of replicas.runs) run.signal('SIGTERM');
    await Promise.all(replicas.runs.map(({ exit }) => exit));

    const dues = replicas.numbers('tick').sort((one, two) => one - two);
    const [begin = 0, end = 0] = [dues[0], dues.at(-1)];
    expect(new Set(dues).size).toBe(dues.length);
    expect(dues.every((due) => (due - begin) % 1_000 === 0)).toBe(true);
    // The one that was killed may have had a tick, and no time for it.
    expect((end - begin) / 1_000 + 1 - dues.length).toBeLessThanOrEqual(1);
    expect(second.stdout).toContain('tick');
    // What is done in a transaction is not lost either.
    const ledger = await replicas.ledger();
    const [[start = 0] = []] = ledger;
    expect(ledger.length).toBeGreaterThanOrEqual(ticks - 1);
    expect(ledger).toEqual(ledger.map((_, nth) => [start + nth * 1_000, 1]));
  });
});
