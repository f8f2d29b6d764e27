import { afterEach, describe, expect, it } from 'vitest';
import type { EngineError, Step } from '../../src/services/engine/engine.ts';
import type { PostgresEngine } from '../../src/services/engine/postgres/postgres-engine.ts';
import { Desk } from '../services/engine/desk.ts';
import { openPostgres } from './engines.ts';
import { freshSchema } from './postgres.ts';

const open: PostgresEngine[] = [];

async function engineOn(schema = freshSchema()): Promise<PostgresEngine> {
  const engine = await openPostgres({ schema });
  open.push(engine);
  return engine;
}

afterEach(() => Promise.all(open.splice(0).map((engine) => engine.close())));

const place = { owner: 'app/a', store: '', now: 0 };
const set = (key: string, value = '1', owner = 'app/a'): Step => [
  'entries.set',
  { ...place, owner, key, value, expiresAt: null },
];
const expectRevision = (revision: number): Step => [
  'revision.expect',
  { owner: 'app/a', revision },
];
const size: Step = ['entries.size', place];

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: unknown) => (error as EngineError).failure.code,
  );
}

describe('a group of requests in PostgreSQL', () => {
  it('shares a commit, and one that fails takes nothing of the others along', async () => {
    const engine = await engineOn();
    const codes = await Promise.all([
      codeOf(engine.submit([set('a')])),
      codeOf(engine.submit([set('b'), expectRevision(7), set('c')])),
      codeOf(engine.submit([set('d')])),
      codeOf(engine.submit([set('\u0000')])),
      codeOf(engine.submit([expectRevision(2), size])),
      codeOf(engine.submit([expectRevision(7), size])),
      codeOf(engine.submit([set('e')])),
    ]);

    const conflict = 'DARUMA_TRANSACTION_CONFLICT';
    expect(codes).toEqual([
      'done',
      conflict,
      'done',
      'DARUMA_STORAGE_UNUSABLE',
      'done',
      conflict,
      'done',
    ]);
    expect(await engine.submit([size])).toEqual([3]);
  });

  it('keeps nothing of a rehearsal, whose results are those that it would have', async () => {
    const engine = await engineOn();
    const [, rehearsed, after] = await Promise.all([
      engine.submit([set('before')]),
      engine.submit([set('a'), size], { isRehearsal: true }),
      engine.submit([size]),
    ]);

    expect([rehearsed, after]).toEqual([[undefined, 2], [1]]);
  });

  it('has one state for all that one request reads', async () => {
    const schema = freshSchema();
    const [one, other] = [await engineOn(schema), await engineOn(schema)];
    let isOver = false;
    const writing = (async () => {
      for (let count = 0; !isOver; count++) {
        const value = String(count);
        await other.submit([set('a', value), set('b', value)]);
      }
    })();
    for (let look = 0; look < 100; look++) {
      const [left, right] = await one.submit([
        ['entries.get', { ...place, key: 'a' }],
        ['entries.get', { ...place, key: 'b' }],
      ]);
      expect(left).toBe(right);
    }
    isOver = true;
    await writing;
  });

  it('settles many jobs at once, and of two settlements of one job the first', async () => {
    const at = new Desk(await engineOn());
    await Promise.all(Array.from({ length: 20 }, () => at.add({ key: 'k' })));
    const jobs = await at.claim({ limit: 20 });
    const settled = await Promise.all([...jobs, ...jobs].map((job) => at.complete(job)));

    expect(settled).toEqual([...Array(20).fill('completed'), ...Array(20).fill(null)]);
  });

  it('adds many at once, and each of a key of uniqueness once', async () => {
    const at = new Desk(await engineOn());
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, index) => at.add({ idempotencyKey: `key ${index % 4}` })),
    );

    expect(new Set(ids).size).toBe(4);
    expect(await at.claimIds({ limit: 20 })).toEqual(ids.slice(0, 4));
  });
});
