import { describe, expect, it } from 'vitest';
import { type LifecycleEvent, policy, service, supervisor } from '../../../src/index.ts';
import { idle, Lab, Puppet } from '../../kernel/lab.ts';

/** Too many errors disable a service, and somebody is told: its own supervisor, and nothing else. */
const budget = { intensity: 10, period: '1m', whenExhausted: 'give-up' } as const;
const backoff = { first: '1s', max: '5s', jitter: 'none' } as const;

/** A service that fails so many milliseconds after each start. */
const failing = (name: string, afterMs = 0, error: unknown = new Error('no route to host')) =>
  service(name, { backoff }, async (ctx) => {
    await ctx.sleep(afterMs);
    throw error;
  });

const guarded = (name: string, afterMs?: number, error?: unknown) =>
  supervisor(`${name}-guard`, budget, [failing(name, afterMs, error)]);

describe('too many errors', () => {
  it('disable the service, tell whoever listens once, and leave the rest running', async () => {
    const lab = new Lab(supervisor('app', [guarded('sync'), service('other', idle)]));
    const notes: LifecycleEvent[] = [];
    lab.system.events$.subscribe((event) => {
      if (event.type === 'failed') notes.push(event);
    });
    await lab.start();
    await lab.clock.advance(10 * 60_000);

    expect(lab.all('starting').filter(({ path }) => path.endsWith('/sync'))).toHaveLength(11);
    expect(notes).toMatchObject([
      { path: 'app/sync-guard/sync', at: 42_000, error: { message: 'no route to host' } },
    ]);
    expect(lab.system.ref('app/sync-guard/sync').status()).toBe('failed');
    expect(lab.system.ref('app/other').status()).toBe('running');
    expect(lab.system.health()).toMatchObject({ status: 'degraded', ready: true });
  });

  it('are counted in a sliding window: the same errors over a longer time never disable it', async () => {
    const lab = await new Lab(supervisor('app', [guarded('sync', 6_000)])).start();
    await lab.clock.advance(60 * 60_000);

    expect(lab.all('failed')).toEqual([]);
    expect(lab.all('backoff').length).toBeGreaterThan(300);
  });

  it('are counted for each service by itself, and no success of another wipes them out', async () => {
    const puppet = new Puppet();
    const fine = supervisor('fine-guard', budget, [service('fine', { backoff }, puppet.body)]);
    const lab = await new Lab(supervisor('app', [guarded('sync'), fine])).start();
    for (let nth = 0; nth < 3; nth++) {
      puppet.life.fail(new Error('now and then'));
      await lab.clock.advance(20_000);
    }

    expect(lab.all('failed').map(({ path }) => path)).toEqual(['app/sync-guard/sync']);
    expect(lab.system.ref('app/fine-guard/fine').status()).toBe('running');
  });

  it('are decided about by the supervisor: what the service still does is finished first', async () => {
    const finished: string[] = [];
    let lives = 0;
    const sync = service('sync', { backoff }, (ctx) => {
      const life = ++lives;
      ctx.defer(async () => {
        await lab.wait(500);
        finished.push(`${life} at ${lab.clock.monotonic()}`);
      });
      throw new Error('no');
    });
    const guard = supervisor('guard', { ...budget, intensity: 1 }, [sync]);
    const lab: Lab<ReturnType<typeof supervisor>> = new Lab(supervisor('app', [guard]));
    await lab.start();
    await lab.clock.advance(60_000);

    expect(finished).toEqual(['1 at 500', '2 at 2000']);
    expect(lab.all('failed')).toMatchObject([{ at: 2_000 }]);
    expect(lab.system.find('app/guard/sync')?.explain()).toMatchObject({ status: 'failed' });
  });

  it('do not get lost in a notifier that fails', async () => {
    const lab = new Lab(supervisor('app', [guarded('sync', 0, 'not even an Error')]));
    lab.system.events$.subscribe((event) => {
      if (event.type === 'failed') throw new Error('no mail server');
    });
    await lab.start();
    await lab.clock.advance(60_000);

    expect(lab.all('failed')).toMatchObject([
      { error: { name: 'NonError', message: 'string: not even an Error' } },
    ]);
    expect(lab.all('listener-failed')).toMatchObject([{ error: { message: 'no mail server' } }]);
    expect(lab.system.phase).toBe('running');
  });

  it('end for a service that somebody starts again when the cause is gone', async () => {
    let isBroken = true;
    const sync = service('sync', { backoff }, async (ctx) => {
      if (isBroken) throw new Error('no');
      await ctx.sleep('1d');
    });
    const lab = await new Lab(supervisor('app', [supervisor('guard', budget, [sync])])).start();
    await lab.clock.advance(60_000);
    const ref = lab.system.ref('app/guard/sync');
    expect(ref.status()).toBe('failed');
    isBroken = false;
    await lab.until(ref.start());

    expect(ref.status()).toBe('running');
    expect(lab.system.health().status).toBe('healthy');
  });

  it('are those of calls that a policy could not absorb', async () => {
    const api = policy('api', { retry: { maxAttempts: 3, backoff: { first: 0 } } });
    let calls = 0;
    const sync = service('sync', { backoff }, async (ctx) => {
      for (;;) {
        await api.run(ctx, () => {
          // Every third attempt succeeds for a while.
          if (++calls > 30 || calls % 3 !== 0) throw new Error('no');
        });
        await ctx.sleep('1s');
      }
    });
    const guard = supervisor('guard', { ...budget, intensity: 2 }, [sync]);
    const lab = await new Lab(supervisor('app', [guard])).start();
    await lab.clock.advance(60_000);

    expect(lab.all('retry')).toHaveLength(20 + 3 * 2);
    expect(lab.all('ended').filter(({ reason }) => reason === 'error')).toHaveLength(3);
    expect(lab.all('failed')).toHaveLength(1);
  });
});
