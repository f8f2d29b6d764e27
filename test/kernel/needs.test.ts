import { describe, expect, expectTypeOf, it } from 'vitest';
import { ignore, optional, service, supervisor } from '../../src/index.ts';
import { idle, Lab, Puppet } from './lab.ts';

const backoff = { first: '1s', jitter: 'none' } as const;

/** A service that makes its incarnation ready, and fails when it is told to. */
function numbered(puppet: Puppet, options: { onLoss?: 'keep' } = {}) {
  return service('database', {
    ...options,
    backoff,
    start: async (ctx) => {
      await ctx.sleep(500);
      return { generation: ctx.incarnation };
    },
    run: puppet.body,
  });
}

describe('ctx.needs', () => {
  it('has the ready value of each need under its name, typed, when the body begins', async () => {
    const seen: unknown[] = [];
    const pool = service('pool', { start: () => ({ query: (text: string) => text.length }) });
    const clock = service('clock', { ready: 'manual' }, async (ctx) => {
      ctx.ready('noon');
      await idle(ctx);
    });
    const api = service(
      'api',
      { needs: { pool, clock: () => clock, again: 'app/pool' } },
      (ctx) => {
        expectTypeOf(ctx.needs.pool.query).returns.toEqualTypeOf<number>();
        expectTypeOf(ctx.needs.again).toEqualTypeOf<unknown>();
        seen.push(ctx.needs.pool.query('abc'), ctx.needs.clock, ctx.needs.again === ctx.needs.pool);
        return idle(ctx);
      },
    );

    await new Lab(supervisor('app', { start: 'parallel' }, [api, clock, pool])).start();

    expect(seen).toEqual([3, 'noon', true]);
  });

  it('lists its names, and is read when it is looked at', async () => {
    const puppet = new Puppet();
    const database = numbered(puppet);
    const seen: unknown[] = [];
    const api = service('api', { needs: { database }, onLoss: 'keep' }, async (ctx) => {
      seen.push(Object.keys(ctx.needs));
      for (let look = 0; look < 4; look++) {
        seen.push(ctx.needs.database?.generation);
        await ctx.sleep(600);
      }
      await idle(ctx);
    });
    const lab = await new Lab(supervisor('app', [database, api])).start();

    puppet.life.fail(new Error('lost'));
    await lab.clock.advance(3_000);

    expect(seen).toEqual([['database'], 1, undefined, undefined, 2]);
  });
});

describe('a lost need', () => {
  it('suspends its dependant, which comes back with the new value, uncharged', async () => {
    const puppet = new Puppet();
    const database = numbered(puppet);
    const seen: number[] = [];
    const api = service('api', { needs: { database } }, (ctx) => {
      seen.push(ctx.needs.database.generation);
      return idle(ctx);
    });
    const lab = await new Lab(supervisor('app', [database, api])).start();

    puppet.life.fail(new Error('lost'));
    await lab.clock.settle();
    const during = lab.system.ref('app/api').status();
    await lab.clock.advance(2_000);

    expect(during).toBe('waiting');
    expect(seen).toEqual([1, 2]);
    expect(lab.all('suspended')).toMatchObject([
      { path: 'app/api', for: [{ kind: 'need', path: 'app/database' }] },
    ]);
    expect(lab.all('backoff').map(({ path }) => path)).toEqual(['app/database']);
  });

  it('suspends transitively, the furthest first, and brings them back the nearest first', async () => {
    const puppet = new Puppet();
    const database = numbered(puppet);
    const cache = service('cache', { needs: { database } }, idle);
    const api = service('api', { needs: { cache } }, idle);
    const web = service('web', { needs: { api, database } }, idle);
    const lab = await new Lab(supervisor('app', [database, cache, api, web])).start();
    lab.events.length = 0;

    puppet.life.fail(new Error('lost'));
    await lab.clock.advance(2_000);

    const ends = lab.all('ended').map(({ path }) => path);
    const starts = lab.all('ready').map(({ path }) => path);
    expect(ends).toEqual(['app/database', 'app/web', 'app/api', 'app/cache']);
    expect(starts).toEqual(['app/database', 'app/cache', 'app/api', 'app/web']);
    expect(lab.all('backoff')).toHaveLength(1);
  });

  it("with onLoss 'keep' lets its dependant run on", async () => {
    const puppet = new Puppet();
    const database = numbered(puppet);
    const api = service('api', { needs: { database }, onLoss: 'keep' }, idle);
    const lab = await new Lab(supervisor('app', [database, api])).start();

    puppet.life.fail(new Error('lost'));
    await lab.clock.advance(2_000);

    expect(lab.system.ref('app/api').incarnation()).toBe(1);
    expect(lab.log('app/api')).toHaveLength(3);
  });

  it("with onLoss 'restart' lets its dependant run on and restarts it when the need is back", async () => {
    const puppet = new Puppet();
    const database = numbered(puppet);
    const seen: number[] = [];
    const api = service('api', { needs: { database }, onLoss: 'restart' }, (ctx) => {
      seen.push(ctx.needs.database.generation);
      return idle(ctx);
    });
    const lab = await new Lab(supervisor('app', [database, api])).start();

    puppet.life.fail(new Error('lost'));
    await lab.clock.advance(1_400);
    const during = lab.system.ref('app/api').status();
    await lab.clock.advance(1_000);

    expect(during).toBe('running');
    expect(seen).toEqual([1, 2]);
    expect(lab.system.ref('app/api').incarnation()).toBe(2);
    expect(lab.all('backoff').map(({ path }) => path)).toEqual(['app/database']);
  });

  it('that is given up leaves its dependant waiting', async () => {
    const puppet = new Puppet();
    const database = numbered(puppet);
    const edge = supervisor('edge', { whenExhausted: 'give-up', intensity: 0 }, [database]);
    const api = service('api', { needs: { database: 'app/edge/database' } }, idle);
    const lab = await new Lab(supervisor('app', [edge, api])).start();

    puppet.life.fail(new Error('for good'));
    await lab.clock.advance(60_000);

    expect(lab.system.ref('app/api').status()).toBe('waiting');
    expect(lab.system.ref('app/api').explain().why).toBe('It needs app/edge/database (failed).');
  });
});

describe('a need that has done its work', () => {
  const migration = service('migration', {
    restart: 'transient',
    start: () => ({ version: 7 }),
    run: (ctx) => ctx.sleep(100),
  });

  it('stays satisfied, with its value', async () => {
    const puppet = new Puppet();
    const seen: number[] = [];
    const api = service('api', { needs: { migration }, backoff }, (ctx) => {
      seen.push(ctx.needs.migration.version);
      return puppet.body(ctx);
    });
    const lab = await new Lab(supervisor('app', [migration, api])).start();
    await lab.clock.advance(1_000);

    puppet.life.fail(new Error('crash'));
    await lab.clock.advance(1_000);

    expect(lab.system.ref('app/migration').status()).toBe('stopped');
    expect(seen).toEqual([7, 7]);
  });

  it('satisfies a dependant that is added later', async () => {
    const seen: number[] = [];
    const worker = service('worker', { needs: { migration } }, (ctx) => {
      seen.push(ctx.needs.migration.version);
      return idle(ctx);
    });
    const pool = supervisor('pool', { strategy: 'dynamic', template: worker });
    const lab = await new Lab(supervisor('app', [migration, pool])).start();
    await lab.clock.advance(1_000);

    const child = await lab.until(lab.system.ref('app/pool').startChild({ id: 'w' }));

    expect(child.status()).toBe('running');
    expect(seen).toEqual([7]);
  });

  it('counts also when it was temporary and is gone', async () => {
    const once = service('once', { restart: 'temporary', start: () => 'done', run: () => {} });
    const seen: unknown[] = [];
    const api = service('api', { needs: { once } }, (ctx) => {
      seen.push(ctx.needs.once);
      return idle(ctx);
    });
    const lab = await new Lab(supervisor('app', [once, api])).start();

    expect(lab.system.ref('app/once').status()).toBe('absent');
    expect(seen).toEqual(['done']);
  });
});

describe('an optional need', () => {
  it('orders without being required', async () => {
    const puppet = new Puppet();
    const cache = numbered(puppet);
    const seen: unknown[] = [];
    const api = service('api', { needs: { cache: optional(cache) } }, async (ctx) => {
      expectTypeOf(ctx.needs.cache).toEqualTypeOf<{ generation: number } | undefined>();
      seen.push(ctx.needs.cache?.generation);
      await idle(ctx);
    });
    const lab = await new Lab(supervisor('app', { start: 'parallel' }, [api, cache])).start();
    const startedAt = lab.all('starting').find(({ path }) => path === 'app/api')?.at;

    puppet.life.fail(new Error('lost'));
    await lab.clock.advance(10_000);
    lab.events.length = 0;
    await lab.stop();

    expect(startedAt).toBe(500);
    expect(seen).toEqual([1]);
    expect(lab.all('ended').map(({ path }) => path)).toEqual(['app/api', 'app/database', 'app']);
  });

  it('is undefined when it is not in the tree, was not needed, or is down', async () => {
    const skipped = service('skipped', { start: () => ignore });
    const done = service('done', { restart: 'transient', decide: () => 'stop' }, () => {
      throw new Error('gone');
    });
    const seen: unknown[] = [];
    const needs = {
      none: optional('app/nobody'),
      skipped: optional(skipped),
      done: optional(done),
    };
    const api = service('api', { needs }, (ctx) => {
      seen.push(ctx.needs.none, ctx.needs.skipped, ctx.needs.done);
      return idle(ctx);
    });

    const lab = await new Lab(supervisor('app', [skipped, done, api])).start();

    expect(lab.system.ref('app/api').status()).toBe('running');
    expect(seen).toEqual([undefined, undefined, undefined]);
  });
});

describe('a supervisor as a need', () => {
  it('is met when all its items are ready, and lost when it goes down', async () => {
    const puppet = new Puppet();
    const edge = supervisor('edge', { intensity: 0, backoff }, [
      service('slow', { start: (ctx) => ctx.sleep('2s') }),
      service('feed', puppet.body),
    ]);
    const api = service('api', { needs: { edge } }, idle);
    const lab = await new Lab(supervisor('app', { start: 'parallel' }, [api, edge])).start();
    const startedAt = lab.all('starting').find(({ path }) => path === 'app/api')?.at;

    puppet.life.fail(new Error('takes the supervisor along'));
    await lab.clock.advance(500);
    const during = lab.system.ref('app/api').status();
    await lab.clock.advance(10_000);

    expect(startedAt).toBe(2_000);
    expect(during).toBe('waiting');
    expect(lab.system.ref('app/api').incarnation()).toBe(2);
  });
});

describe('needs of a dynamic child', () => {
  it('hold it back, suspend it and bring it back', async () => {
    const puppet = new Puppet();
    const database = numbered(puppet);
    const worker = service('worker', { needs: { database } }, idle);
    const pool = supervisor('pool', { strategy: 'dynamic', template: worker });
    const lab = await new Lab(supervisor('app', [database, pool])).start();
    await lab.until(lab.system.ref('app/pool').startChild({ id: 'a' }));

    puppet.life.fail(new Error('lost'));
    await lab.clock.settle();
    const added = lab.system.ref('app/pool').startChild({ id: 'b' });
    await lab.clock.advance(500);
    const during = lab.system
      .ref('app/pool')
      .children()
      .map(({ id, status }) => [id, status]);
    await lab.until(added);

    expect(during).toEqual([
      ['a', 'waiting'],
      ['b', 'waiting'],
    ]);
    expect(lab.system.ref('app/pool/a').incarnation()).toBe(2);
    expect(lab.system.ref('app/pool/b').incarnation()).toBe(1);
    expect(lab.system.ref('app/pool').count()).toMatchObject({ active: 2, workers: 2 });
  });

  it('are forgotten with it', async () => {
    const puppet = new Puppet();
    const database = numbered(puppet);
    const worker = service('worker', { needs: { database } }, idle);
    const pool = supervisor('pool', { strategy: 'dynamic', template: worker });
    const lab = await new Lab(supervisor('app', [database, pool])).start();
    await lab.until(lab.system.ref('app/pool').startChild({ id: 'a' }));
    await lab.until(lab.system.ref('app/pool').stopChild('a'));
    lab.events.length = 0;

    puppet.life.fail(new Error('lost'));
    await lab.clock.advance(2_000);

    expect(lab.log('app/pool')).toEqual([]);
  });
});
