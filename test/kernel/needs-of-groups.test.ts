import { describe, expect, it } from 'vitest';
import { optional, service, supervisor } from '../../src/index.ts';
import { idle, Lab, Puppet } from './lab.ts';

const backoff = { first: '1s', jitter: 'none' } as const;

describe('a one-shot need that cleans up while its group goes down', () => {
  it('has not done its work: who needs it waits until the group is back', async () => {
    const puppet = new Puppet();
    const database = service('database', { backoff }, puppet.body);
    const once = { needs: { database }, restart: 'transient', ready: 'manual' } as const;
    const migration = service('migration', once, async (ctx) => {
      ctx.defer(() => lab.wait(100));
      await ctx.sleep(300);
      ctx.ready('version 7');
    });
    const counter = service('counter', { needs: { migration } }, idle);
    const storage = supervisor('storage', { strategy: 'rest-for-one' }, [database, migration]);
    const lab = new Lab(supervisor('shop', [storage, supervisor('trade', [counter])]));
    void lab.begin();

    // It has returned, and is still cleaning up.
    await lab.clock.advance(350);
    puppet.life.fail(new Error('lost'));
    await lab.clock.advance(150);
    const during = lab.system.ref('shop/trade/counter').status();
    await lab.clock.advance(2_000);

    expect(during).toBe('waiting');
    expect(
      lab.log('shop/trade/counter').filter((line) => line.startsWith('starting')),
    ).toHaveLength(2);
    expect(
      lab
        .log()
        .filter((line) => /^(starting|ready) shop\/(storage\/m|trade\/c)/.test(line))
        .slice(-4),
    ).toEqual([
      'starting shop/storage/migration',
      'ready shop/storage/migration',
      'starting shop/trade/counter',
      'ready shop/trade/counter',
    ]);
  });
});

describe('a one-shot need that has done its work', () => {
  it('is satisfied no more when its group takes it along, until it is ready again', async () => {
    const puppets = { database: new Puppet(), counter: new Puppet() };
    const database = service('database', { backoff }, puppets.database.body);
    const once = { restart: 'transient', ready: 'manual' } as const;
    const migration = service('migration', once, async (ctx) => {
      await ctx.sleep(300);
      ctx.ready(`by ${ctx.incarnation}`);
    });
    const soon = { first: '10ms', jitter: 'none' } as const;
    const counter = service(
      'counter',
      { needs: { migration }, backoff: soon },
      puppets.counter.body,
    );
    const viewer = service('viewer', { needs: { migration } }, idle);
    const storage = supervisor('storage', { strategy: 'rest-for-one' }, [database, migration]);
    const trade = supervisor('trade', [counter, viewer]);
    const lab = await new Lab(supervisor('shop', [storage, trade])).start();
    const seen = () => [
      lab.system.ref('shop/trade/counter').status(),
      lab.system.ref('shop/trade/viewer').status(),
      lab.system.value(migration),
    ];

    const before = seen();
    puppets.database.life.fail(new Error('lost'));
    await lab.clock.advance(1_100);
    puppets.counter.life.fail(new Error('lost'));
    await lab.clock.advance(100);
    const during = seen();
    await lab.clock.advance(200);

    expect([before, during, seen()]).toEqual([
      ['running', 'running', 'by 1'],
      ['waiting', 'running', undefined],
      ['running', 'running', 'by 2'],
    ]);
    await lab.stop();
  });

  it('is taken anew by one that starts again with what its need is, when it is done by hand', async () => {
    const once = { restart: 'transient', ready: 'manual' } as const;
    const migration = service('migration', once, async (ctx) => {
      ctx.ready(`by ${ctx.incarnation}`);
      await ctx.sleep(300);
    });
    const needs = { migration };
    const fresh = service('fresh', { needs, onLoss: 'restart' }, idle);
    const steady = service('steady', { needs }, idle);
    const lab = await new Lab(supervisor('shop', [migration, fresh, steady])).start();
    await lab.clock.advance(400);

    await lab.until(lab.system.ref('shop/migration').restart());
    await lab.clock.advance(10);

    expect(lab.system.ref('shop/fresh').incarnation()).toBe(2);
    expect(lab.system.ref('shop/steady').incarnation()).toBe(1);
    await lab.stop();
  });

  it('is satisfied no more when its supervisor waits to be restarted', async () => {
    const once = { restart: 'transient', ready: 'manual' } as const;
    const migration = service('migration', once, async (ctx) => ctx.ready(1));
    const puppets = { database: new Puppet(), counter: new Puppet() };
    const database = service('database', puppets.database.body);
    const storage = supervisor('storage', { intensity: 0, backoff }, [migration, database]);
    const soon = { first: '10ms', jitter: 'none' } as const;
    const needs = { migration };
    const counter = service('counter', { needs, backoff: soon }, puppets.counter.body);
    const lab = await new Lab(supervisor('shop', [storage, counter])).start();

    puppets.database.life.fail(new Error('lost'));
    await lab.clock.advance(100);
    puppets.counter.life.fail(new Error('lost'));
    await lab.clock.advance(100);
    const during = lab.system.ref('shop/counter').status();
    await lab.clock.advance(1_000);

    expect([during, lab.system.ref('shop/counter').status()]).toEqual(['waiting', 'running']);
    await lab.stop();
  });

  it('is waited for when its supervisor goes down just as nothing else is waited for any more', async () => {
    const puppet = new Puppet();
    const gate = service('gate', { backoff }, puppet.body);
    const once = { restart: 'transient', ready: 'manual' } as const;
    const migration = service('migration', once, async (ctx) => ctx.ready(1));
    const later = service('later', { start: (ctx) => ctx.sleep('1m') }, idle);
    const index = service('index', { needs: { later } }, idle);
    const needs = { migration, index: optional(index) };
    const counter = service('counter', { needs }, idle);
    const together = { start: 'parallel' } as const;
    const storage = supervisor('storage', together, [migration, index]);
    const back = supervisor('back', { ...together, strategy: 'rest-for-one' }, [gate, storage]);
    const lab = new Lab(supervisor('shop', together, [back, later, counter]));
    void lab.begin();

    await lab.clock.advance(100);
    puppet.life.fail(new Error('lost'));
    await lab.clock.advance(100);
    const during = lab.system.ref('shop/counter').explain();
    await lab.clock.advance(1_000);

    // The index is called off, and the migration will be done again.
    expect(during).toMatchObject({ status: 'waiting' });
    expect(during.why).toContain('shop/back/storage/migration');
    await lab.stop();
  });
});
