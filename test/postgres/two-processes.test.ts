import { afterEach, describe, expect, it } from 'vitest';
import type { EngineError, Step } from '../../src/services/engine/engine.ts';
import type { PostgresEngine } from '../../src/services/engine/postgres/postgres-engine.ts';
import { leaseTopic } from '../../src/services/engine/watchers.ts';
import { Desk } from '../services/engine/desk.ts';
import { openPostgres } from './engines.ts';
import { freshSchema } from './postgres.ts';
import { underWay } from './under-way.ts';

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

describe('two processes on one schema', () => {
  async function twoDesks(): Promise<[Desk, Desk]> {
    const schema = freshSchema();
    const one = new Desk(await engineOn(schema));
    const other = new Desk(await engineOn(schema));
    return [one, Object.assign(other, { queue: one.queue })];
  }

  it('make it at the same moment, once', async () => {
    const schema = freshSchema();
    const engines = await Promise.all(Array.from({ length: 5 }, () => engineOn(schema)));
    await Promise.all(engines.map((engine, index) => engine.submit([set(String(index))])));

    expect(await engines[0]?.submit([size])).toEqual([5]);
  });

  it('lose no update of what both read and write', async () => {
    const schema = freshSchema();
    const engines = [await engineOn(schema), await engineOn(schema)];
    const increment = async (engine: PostgresEngine): Promise<void> => {
      for (;;) {
        const [revision, text] = await engine.submit([
          ['revision.read', { owner: place.owner }],
          ['entries.get', { ...place, key: 'count' }],
        ]);
        const next = String(Number(text ?? 0) + 1);
        const code = await codeOf(engine.submit([expectRevision(revision), set('count', next)]));
        if (code === 'done') return;
        expect(code).toBe('DARUMA_TRANSACTION_CONFLICT');
      }
    };
    const times = Array.from({ length: 25 });
    await Promise.all(
      engines.map(async (engine) => {
        for (const _ of times) await increment(engine);
      }),
    );

    const [count] = await (engines[0] as PostgresEngine).submit([
      ['entries.get', { ...place, key: 'count' }],
    ]);
    expect(count).toBe('50');
  });

  it('do not wait for each other in a circle, whatever they write in whatever order', async () => {
    const schema = freshSchema();
    const engines = [await engineOn(schema), await engineOn(schema)];
    const owners = Array.from({ length: 20 }, (_, index) => `app/${index}`);
    await Promise.all(engines.map((engine) => engine.submit([size])));
    const startedAt = performance.now();
    const write = async (engine: PostgresEngine, order: readonly string[]) => {
      for (let round = 0; round < 50; round++) {
        await Promise.all(order.map((owner) => engine.submit([set('a', '1', owner)])));
      }
    };
    const [one, other] = engines as [PostgresEngine, PostgresEngine];
    await Promise.all([write(one, owners), write(other, owners.toReversed())]);

    // The server needs a second to find such a circle.
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('do not wait for each other in a circle for leases and ticks either', async () => {
    const schema = freshSchema();
    const engines = [await engineOn(schema), await engineOn(schema)];
    const names = Array.from({ length: 10 }, (_, index) => `app/${index}`);
    await Promise.all(engines.map((engine) => engine.submit([size])));
    const startedAt = performance.now();
    const ask = async (engine: PostgresEngine, order: readonly string[]) => {
      for (let now = 0; now < 50; now++) {
        await Promise.all(
          order.map((name) =>
            engine.submit([
              ['leases.acquire', { name, holder: 'me', now, ttlMs: 1 }],
              ['ticks.claim', { schedule: name, dueAt: now, now, keepMs: 1_000 }],
            ]),
          ),
        );
      }
    };
    const [one, other] = engines as [PostgresEngine, PostgresEngine];
    await Promise.all([ask(one, names), ask(other, names.toReversed())]);

    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('tell each other what they have added, and which lease they gave back', async () => {
    const schema = freshSchema();
    const [one, other] = [await engineOn(schema), await engineOn(schema)];
    await one.submit([size]);
    const listening = new Promise<void>((resolve) => one.watch('any', resolve));
    await listening;
    const heard = (topic: string) =>
      new Promise<void>((resolve) => {
        one.watch(topic, resolve);
      });

    const lease = { name: 'app/a', holder: 'me', now: 0, ttlMs: 1_000 };
    const released = heard(leaseTopic('app/a'));
    await other.submit([['leases.acquire', lease]]);
    await other.submit([['leases.release', { name: 'app/a', token: 1 }]]);
    await released;
    const at = new Desk(other);
    const added = heard(at.queue);
    await at.add();
    await added;
  });

  it('give each job to one of them', async () => {
    const [one, other] = await twoDesks();
    await Promise.all([one.claim(), other.claim()]);
    await Promise.all(Array.from({ length: 500 }, () => one.add()));
    const claimAll = async (desk: Desk) => {
      const ids: string[] = [];
      for (let found = await desk.claimIds({ limit: 3 }); found.length > 0; ) {
        ids.push(...found);
        found = await desk.claimIds({ limit: 3 });
      }
      return ids;
    };
    const [ofOne, ofOther] = await Promise.all([claimAll(one), claimAll(other)]);

    expect(ofOne.length + ofOther.length).toBe(500);
    expect(new Set([...ofOne, ...ofOther]).size).toBe(500);
    expect(Math.min(ofOne.length, ofOther.length), 'nobody starves').toBeGreaterThan(0);
  });

  it.each([1, 2, 'fifo'] as const)(
    'keep to %s of a key between them, and none is forgotten',
    async (perKey) => {
      const desks = await twoDesks();
      const keys = ['a', 'b', 'c'];
      const jobs = Array.from({ length: 150 }, (_, index) =>
        desks[0].job({ key: keys[index % 3] as string }),
      );
      await desks[0].do('jobs.add', { now: desks[0].now, jobs });
      const done: string[] = [];
      let most = 0;
      const work = async (desk: Desk) => {
        while (done.length < jobs.length) {
          const claimed = await desk.claim({ limit: 4, perKey, leaseMs: 1e6 });
          done.push(...claimed.map(({ id }) => id));
          const { queue } = desk;
          const list = { queue, state: 'active', offset: 0, limit: 100 } as const;
          const active = await desk.do('jobs.list', list);
          for (const key of keys) {
            most = Math.max(most, active.filter((job) => job.key === key).length);
          }
          await Promise.all(claimed.map((job) => desk.complete(job)));
        }
      };
      await Promise.all(desks.map(work));

      expect(new Set(done).size).toBe(150);
      expect(most).toBe(perKey === 2 ? 2 : 1);
      if (perKey !== 'fifo') return;
      for (const key of keys) {
        const ofKey = jobs.filter((job) => job.key === key).map(({ id }) => id);
        expect(done.filter((id) => ofKey.includes(id))).toEqual(ofKey);
      }
    },
  );

  it('keep to one rate', async () => {
    const desks = await twoDesks();
    await Promise.all(Array.from({ length: 50 }, () => desks[0].add()));
    const rate = { max: 10, perMs: 1_000 };
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, index) => desks[index % 2]?.claim({ rate, limit: 3 })),
    );

    expect(claims.flat()).toHaveLength(10);
  });

  it('let in the next of a key, also where another one is just being held', async () => {
    const schema = freshSchema();
    const at = new Desk(await engineOn(schema));
    const [, second] = [await at.add({ key: 'a' }), await at.add({ key: 'a' })];
    const [first] = await at.claim({ perKey: 1, limit: 1 });

    const claim = await underWay(schema, ['jobs.claim', at.query({ perKey: 1 })]);
    const settled = at.complete(first as NonNullable<typeof first>);
    await claim.commit();
    expect(await settled).toBe('completed');
    expect(await at.claimIds({ perKey: 1 })).toEqual([second]);
  });

  it('count what another one is just claiming of a key', async () => {
    const schema = freshSchema();
    const at = new Desk(await engineOn(schema));
    await at.add({ key: 'a' });
    await at.add({ key: 'a' });

    const claim = await underWay(schema, ['jobs.claim', at.query({ perKey: 1, limit: 1 })]);
    const claimed = at.claimIds({ perKey: 1, limit: 1 });
    await claim.commit();
    expect(await claimed).toEqual([]);
  });

  it('do not wait for what another one is just claiming where there are no keys', async () => {
    const schema = freshSchema();
    const at = new Desk(await engineOn(schema));
    const ids = [await at.add(), await at.add()];

    const claim = await underWay(schema, ['jobs.claim', at.query({ limit: 1 })]);
    expect(await at.claimIds()).toEqual(ids.slice(1));
    await claim.commit();
  });

  it('let nobody take back a job while what belongs to its end is being stored', async () => {
    const schema = freshSchema();
    const at = new Desk(await engineOn(schema));
    await at.add();
    const { id, fence } = await at.claimOne();
    at.now += 10_000;

    const expected = await underWay(schema, ['jobs.expect', { id, fence }]);
    expect((await at.look()).lost).toEqual([]);
    await expected.commit();
    expect((await at.look()).lost).toMatchObject([{ id, state: 'ready' }]);
  });
});
