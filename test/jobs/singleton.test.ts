import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type Lease, service, singleton, supervisor } from '../../src/index.ts';
import { codeOf } from '../services/storage/keeper.ts';
import { billing, Diary } from './diary.ts';
import { Cluster } from './replicas.ts';

describe('a singleton', () => {
  it('runs in the replica that came first; the others are ready, and stand by', async () => {
    const { diary, cluster } = billing();
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.advance(60_000);

    expect(diary.text).toBe('a+');
    expect([a.leases, b.leases]).toEqual([['acquired 1'], ['standing-by a']]);
    expect(b.system.phase).toBe('running');
    expect(b.system.ref('app/billing').status()).toBe('running');
    expect(a.system.find('app/billing/billing')?.status()).toBe('running');
    expect(b.system.find('app/billing/billing')).toBeUndefined();
  });

  it('says who has the lease', async () => {
    const { cluster } = billing();
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    const handleOf = ({ system }: typeof a) => system.ref('app/billing').value();

    expect(handleOf(a)).toMatchObject({
      isHolding: true,
      holder: 'a',
      lease: { name: 'app/billing', token: 1 },
    });
    expect(handleOf(b)).toMatchObject({ isHolding: false, holder: 'a', lease: undefined });
  });

  it('goes to another replica at once when its own stops in order', async () => {
    const { diary, cluster } = billing();
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.advance(1_000);
    await a.stop();
    await cluster.advance(100);

    expect(diary.text).toBe('a+ a- b+');
    expect(a.leases).toEqual(['acquired 1', 'released 1']);
    expect(b.leases).toEqual(['standing-by a', 'acquired 2']);
  });

  it('goes to another replica within its lease when its own is killed', async () => {
    const { diary, cluster } = billing();
    const a = await cluster.start('a');
    await cluster.start('b');
    await cluster.advance(60_000);
    a.kill();
    await cluster.advance(9_000);
    expect(diary.text).toBe('a+');
    await cluster.advance(8_000);

    expect(diary.text).toBe('a+ b+');
  });

  it('stays where it is when its child fails, and goes when that gives up', async () => {
    const diary = new Diary();
    const cluster = new Cluster((who) =>
      supervisor('app', [
        singleton(
          service('billing', { backoff: { first: 10, max: 10 } }, async (ctx) => {
            diary.note(`${who}${ctx.incarnation}`);
            await ctx.sleep(100);
            if (who === 'a') throw new Error('no paper');
            await ctx.sleep('1d');
          }),
        ),
      ]),
    );
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    await cluster.advance(10_000);

    // A child has 20 restarts a minute.
    expect(diary.entries.slice(0, 21)).toEqual(
      Array.from({ length: 21 }, (_, nth) => `a${nth + 1}`),
    );
    expect(diary.entries.slice(21)).toEqual(['b1']);
    expect(a.leases).toEqual(['acquired 1', 'released 1', 'standing-by b']);
    expect(b.leases).toEqual(['standing-by a', 'acquired 2']);
    expect(a.system.ref('app/billing').status()).toBe('running');
  });

  it('goes when its child cannot start', async () => {
    const diary = new Diary();
    const cluster = new Cluster((who) =>
      supervisor('app', [
        singleton(
          service('billing', {
            start: () => {
              diary.note(who);
              if (who === 'a') throw new Error('no printer here');
            },
          }),
        ),
      ]),
    );
    const a = await cluster.start('a');
    await cluster.start('b');
    await cluster.advance(1_000);

    expect(diary.entries.at(-1)).toBe('b');
    expect(a.leases.slice(0, 2)).toEqual(['acquired 1', 'released 1']);
  });

  it('keeps the lease when its child has done its work', async () => {
    const diary = new Diary();
    const cluster = new Cluster((who) =>
      supervisor('app', [singleton(service('billing', () => diary.note(who)))]),
    );
    const a = await cluster.start('a');
    await cluster.start('b');
    await cluster.advance(60_000);

    expect(diary.text).toBe('a');
    await a.stop();
    await cluster.advance(100);
    expect(diary.text).toBe('a b');
  });

  it('does not compete while something that its child needs is down', async () => {
    const diary = new Diary();
    const cluster = new Cluster((who) => {
      const backoff = { first: '1h', max: '1h', jitter: 'none' } as const;
      const printer = service('printer', { backoff }, async (ctx) => {
        await ctx.sleep(who === 'a' ? '10s' : '1d');
        throw new Error('out of toner');
      });
      const work = service('billing', { needs: { printer } }, diary.body(who));
      return supervisor('app', [printer, singleton(work)]);
    });
    await cluster.start('a');
    await cluster.start('b');
    await cluster.advance(11_000);

    expect(diary.text).toBe('a+ a- b+');
  });

  it('has its child’s configuration, which is looked at also where it stands by', async () => {
    const seen: unknown[] = [];
    const cluster = new Cluster(
      () =>
        supervisor('app', [
          singleton(
            service('billing', { config: v.object({ copies: v.number() }) }, (ctx) => {
              seen.push(ctx.config.copies);
            }),
          ),
        ]),
      { config: { 'app/billing': { copies: 2 } } },
    );
    await cluster.start('a');

    expect(seen).toEqual([2]);
  });
});

describe('the lease of a singleton', () => {
  it('fences transactions: what an old holder writes is refused as a whole', async () => {
    const leases: Lease[] = [];
    const storages: { set(key: string): Promise<void> }[] = [];
    const cluster = new Cluster(() =>
      supervisor('app', [
        singleton('billing', (lease) =>
          service('run', async (ctx) => {
            leases.push(lease);
            storages.push({
              set: (key) => ctx.storage.transaction((tx) => tx.set(key, 1), { lease }),
            });
            await ctx.sleep('1d');
          }),
        ),
      ]),
    );
    const a = await cluster.start('a');
    await cluster.start('b');
    await storages[0]?.set('early');
    // It stands still for longer than its lease lasts, and knows nothing of it.
    a.clock.isStopped = true;
    await cluster.advance(20_000);
    const late = codeOf(storages[0]?.set('late') as Promise<void>);

    expect(await late).toBe('DARUMA_LEASE_LOST');
    await storages[1]?.set('of the new one');
    expect(leases.map(({ name, token }) => `${name} ${token}`)).toEqual([
      'app/billing 1',
      'app/billing 2',
    ]);
    a.clock.resume();
    await cluster.advance(1_000);
    expect(a.leases).toContain('lost 1');
  });

  it('also stands for a transaction that only reads', async () => {
    const stale: Lease = { name: 'app/billing', token: 7 };
    const reads: Promise<string>[] = [];
    const cluster = new Cluster(() =>
      supervisor('app', [
        service('reader', (ctx) => {
          reads.push(codeOf(ctx.storage.transaction((tx) => tx.get('a'), { lease: stale })));
          return ctx.sleep('1d');
        }),
      ]),
    );
    await cluster.start('a');

    expect(await Promise.all(reads)).toEqual(['DARUMA_LEASE_LOST']);
  });
});
