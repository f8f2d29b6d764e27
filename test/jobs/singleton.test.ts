import { describe, expect, it } from 'vitest';
import { type Context, type Lease, service, singleton, supervisor } from '../../src/index.ts';
import { Cluster } from './replicas.ts';

/** Who works when: `a+ a- b+`. */
class Diary {
  readonly entries: string[] = [];
  readonly working = new Set<string>();

  readonly body = (who: string) => async (ctx: Context) => {
    this.entries.push(`${who}+`);
    this.working.add(who);
    try {
      await ctx.sleep('1d');
    } finally {
      this.working.delete(who);
      this.entries.push(`${who}-`);
    }
  };

  get text(): string {
    return this.entries.join(' ');
  }
}

function billing(options: Parameters<typeof singleton>[1] = {}) {
  const diary = new Diary();
  const cluster = new Cluster((who) =>
    supervisor('app', [singleton(service('billing', diary.body(who)), options as object)]),
  );
  return { diary, cluster };
}

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
    const valueOf = ({ system }: typeof a) => system.ref('app/billing').value();

    expect(valueOf(a)).toMatchObject({
      isHolding: true,
      holder: 'a',
      lease: { name: 'app/billing', token: 1 },
    });
    expect(valueOf(b)).toMatchObject({ isHolding: false, holder: 'a', lease: undefined });
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
    await cluster.advance(10_000);
    expect(diary.text).toBe('a+');
    await cluster.advance(7_000);

    expect(diary.text).toBe('a+ b+');
  });
});
