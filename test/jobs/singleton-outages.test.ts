import { describe, expect, it } from 'vitest';
import { service, singleton, supervisor } from '../../src/index.ts';
import { deaf } from '../kernel/lab.ts';
import { billing, Diary } from './diary.ts';
import { Cluster } from './replicas.ts';

describe('a singleton whose storage cannot be reached', () => {
  it('stands by, says so once, and gets the lease when it can', async () => {
    const { diary, cluster } = billing();
    const a = await cluster.start('a', { isCut: true });
    await cluster.advance(120_000);

    expect(a.system.phase).toBe('running');
    expect(a.system.ref('app/billing').status()).toBe('running');
    expect(a.leases).toEqual(['unreachable']);
    a.line.isCut = false;
    await cluster.advance(6_000);
    expect(a.leases).toEqual(['unreachable', 'acquired 1']);
    expect(diary.text).toBe('a+');
  });

  it('goes on when it can be reached again in time', async () => {
    const { diary, cluster } = billing();
    const a = await cluster.start('a');
    await cluster.advance(6_000);
    a.line.isCut = true;
    await cluster.advance(8_000);
    a.line.isCut = false;
    await cluster.advance(60_000);

    expect(a.leases).toEqual(['acquired 1', 'unreachable 1', 'renewed 1']);
    expect(diary.text).toBe('a+');
  });

  it('stops its child before somebody else can have the lease', async () => {
    const { diary, cluster } = billing();
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.advance(6_000);
    // Renewed at 5 s: good until 20 s, to be given up at 15 s.
    a.line.isCut = true;
    await cluster.advance(8_900);
    expect(diary.text).toBe('a+');
    await cluster.advance(200);
    expect(diary.text).toBe('a+ a-');
    await cluster.advance(7_000);

    expect(diary.text).toBe('a+ a- b+');
    expect(a.leases).toEqual(['acquired 1', 'unreachable 1', 'lost 1']);
    expect(b.leases.at(-1)).toBe('acquired 2');
    a.line.isCut = false;
    await cluster.advance(7_000);
    expect(a.leases.at(-1)).toBe('standing-by b');
  });

  it('cuts its child off when that does not end in time', async () => {
    const diary = new Diary();
    const cluster = new Cluster((who) =>
      supervisor('app', [
        singleton(
          service('billing', () => {
            diary.note(`${who}+`);
            return deaf();
          }),
        ),
      ]),
    );
    const a = await cluster.start('a');
    await cluster.start('b');
    await cluster.advance(6_000);
    a.line.isCut = true;
    await cluster.advance(13_900);
    const unstopped = () => a.events.filter(({ type }) => type === 'unstopped');
    expect(unstopped()).toEqual([]);
    await cluster.advance(101);

    expect(unstopped().map(({ path }) => path)).toEqual(['app/billing/billing']);
    expect(diary.text).toBe('a+');
    await cluster.advance(2_000);
    expect(diary.text).toBe('a+ b+');
    expect(a.system.ref('app/billing').status()).toBe('running');
  });

  it('cuts off a child that is still on its way up', async () => {
    const diary = new Diary();
    const cluster = new Cluster((who) =>
      supervisor('app', [
        singleton(
          service('billing', {
            startWithin: '1m',
            start: async (ctx) => {
              diary.note(`${who}+`);
              await ctx.sleep('50s').finally(() => diary.note(`${who}-`));
            },
          }),
        ),
      ]),
    );
    const a = await cluster.start('a');
    await cluster.start('b');
    a.line.isCut = true;
    await cluster.advance(17_000);

    expect(diary.text).toBe('a+ a- b+');
    expect(a.system.ref('app/billing').status()).toBe('running');
    expect(a.leases).toEqual(['acquired 1', 'unreachable 1', 'lost 1']);
  });

  it('waits for a lease that it was granted without hearing of it until that has run out', async () => {
    const { diary, cluster } = billing();
    const a = await cluster.start('a', { isDeaf: true });
    a.line.isDeaf = false;
    await cluster.advance(14_900);
    expect(diary.text).toBe('');
    await cluster.advance(2_000);

    expect(diary.text).toBe('a+');
    expect(a.leases).toEqual(['unreachable', 'standing-by a', 'acquired 2']);
  });

  it('ends all the same when it cannot give the lease back, or nobody answers', async () => {
    for (const fault of ['isCut', 'isHanging'] as const) {
      const { diary, cluster } = billing();
      const a = await cluster.start('a');
      a.line[fault] = true;
      const report = a.system.stop();
      await cluster.advance(1_000);

      expect(await report).toMatchObject({ reason: 'stopped', unstopped: [], stopErrors: [] });
      expect(diary.text).toBe('a+ a-');
      expect(a.leases).toEqual(['acquired 1']);
    }
  });

  it('ends all the same when its end is asked for before it knows who has the lease', async () => {
    const { diary, cluster } = billing();
    const a = await cluster.start('a', { isHanging: true });
    const report = a.system.stop();
    await cluster.advance(1_000);

    expect(await report).toMatchObject({ reason: 'stopped', unstopped: [] });
    expect(diary.text).toBe('');
  });
});

describe('a singleton whose process stands still', () => {
  it('finds its lease lost when it goes on, and stops its child', async () => {
    const { diary, cluster } = billing();
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.advance(1_000);
    a.clock.isStopped = true;
    await cluster.advance(30_000);
    expect(diary.text).toBe('a+ b+');
    a.clock.resume();
    await cluster.advance(1);

    expect(diary.text).toBe('a+ b+ a-');
    expect(a.leases).toEqual(['acquired 1', 'lost 1']);
    await cluster.advance(20_000);
    expect(a.leases.at(-1)).toBe('standing-by b');
    expect(b.leases).toEqual(['standing-by a', 'acquired 2']);
  });
});

describe('a singleton whose clock is set', () => {
  it('forward: goes on where its renewal comes before anybody asks', async () => {
    const { diary, cluster } = billing();
    const a = await cluster.start('a');
    await cluster.start('b');
    await cluster.advance(1_000);
    cluster.clock.jump(3_600_000);
    await cluster.advance(120_000);

    expect(diary.text).toBe('a+');
    expect(a.leases).toEqual(['acquired 1']);
  });

  it('forward: hands over within a renewal where somebody asks first', async () => {
    const { diary, cluster } = billing();
    const a = await cluster.start('a');
    await cluster.advance(4_000);
    cluster.clock.jump(3_600_000);
    await cluster.start('b');
    expect(diary.text).toBe('a+ b+');
    await cluster.advance(1_100);

    expect(diary.text).toBe('a+ b+ a-');
    expect(a.leases).toEqual(['acquired 1', 'lost 1']);
  });

  it('back: another takes over within a lease all the same', async () => {
    const { diary, cluster } = billing();
    const a = await cluster.start('a');
    await cluster.start('b');
    await cluster.advance(4_000);
    cluster.clock.jump(-3_600_000);
    a.kill();
    await cluster.advance(33_000);

    expect(diary.text).toBe('a+ b+');
  });
});
