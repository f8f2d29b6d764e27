import { describe, expect, it, vi } from 'vitest';
import { type Context, service, supervisor } from '../../src/index.ts';
import { deaf, idle, Lab, Puppet } from './lab.ts';

/** A system whose service has the given start hook, stopped; returns its report. */
async function startAndStop(start: (ctx: Context) => unknown) {
  const lab = await new Lab(supervisor('app', [service('pool', { start })])).start();
  return await lab.stop();
}

describe('ctx.use', () => {
  it('disposes of a Disposable', async () => {
    const dispose = vi.fn();
    const resource = { [Symbol.dispose]: dispose };
    let returned: unknown;

    await startAndStop((ctx) => {
      returned = ctx.use(resource);
    });

    expect(returned).toBe(resource);
    expect(dispose).toHaveBeenCalledOnce();
    expect(dispose.mock.contexts[0]).toBe(resource);
  });

  it('disposes of an AsyncDisposable, which wins where a resource is both', async () => {
    const dispose = vi.fn();
    const resource = {
      [Symbol.asyncDispose]: async () => dispose('later'),
      [Symbol.dispose]: dispose,
    };

    await startAndStop((ctx) => ctx.use(resource));

    expect(dispose.mock.calls).toEqual([['later']]);
  });

  it('disposes with the given function, of anything', async () => {
    const closed: unknown[] = [];

    await startAndStop((ctx) => ctx.use('socket', (socket) => closed.push(socket)));

    expect(closed).toEqual(['socket']);
  });

  it('goes on with the next when one fails, and the failure is in the report', async () => {
    const closed: string[] = [];

    const report = await startAndStop((ctx) => {
      ctx.use('first', (name) => closed.push(name));
      ctx.use('second', () => {
        throw new Error('stuck');
      });
    });

    expect(closed).toEqual(['first']);
    expect(report.stopErrors).toMatchObject([{ path: 'app/pool', error: { message: 'stuck' } }]);
  });

  it.each([[{}], [undefined], ['socket']])(
    'refuses %o, which nobody could dispose of',
    async (value) => {
      const pool = service('pool', { start: (ctx) => ctx.use(value as never) });
      const lab = new Lab(supervisor('app', [pool]));

      const error = await lab.errorOf(lab.begin());

      expect(error).toMatchObject({ cause: { name: 'TypeError' } });
      expect(String((error as Error).message)).toContain(
        'ctx.use(value, (value) => value.close())',
      );
    },
  );

  it('after the end disposes at once, and throws', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(supervisor('app', [service('feed', puppet.body)])).start();
    await lab.stop();
    const dispose = vi.fn();

    expect(() => puppet.life.ctx.use('late', dispose)).toThrow(
      expect.objectContaining({ code: 'DARUMA_STALE_INCARNATION' }),
    );
    await lab.clock.settle();

    expect(dispose).toHaveBeenCalledWith('late');
  });

  it('after the end survives a disposal that fails', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(supervisor('app', [service('feed', puppet.body)])).start();
    await lab.stop();

    expect(() => puppet.life.ctx.use('late', () => Promise.reject(new Error('x')))).toThrow();
    await lab.clock.settle();
  });

  it('while the cleanup runs, and when a stop is under way, is still good', async () => {
    const closed: string[] = [];

    await startAndStop((ctx) => {
      ctx.signal.addEventListener('abort', () => ctx.defer(() => closed.push('on abort')));
      ctx.defer(() => {
        ctx.defer(() => closed.push('in cleanup'));
      });
    });

    expect(closed).toEqual(['on abort', 'in cleanup']);
  });
});

describe('ctx while its incarnation is being stopped', () => {
  it('still sends and asks, and takes reports without an effect', async () => {
    const seen: unknown[] = [];
    const log = service('log', { receive: { line: (text: string) => text.length } }, idle);
    const feed = service('feed', {
      start: () => {},
      stop: async (ctx) => {
        ctx.ready();
        ctx.beat();
        ctx.health('unhealthy');
        seen.push(await ctx.ask(log, 'line', 'bye'));
        await ctx.spawn(service('job', idle)).catch((error) => seen.push(error.code));
      },
    });
    const lab = await new Lab(supervisor('app', [log, feed])).start();

    const report = await lab.stop();

    expect(seen).toEqual([3, 'DARUMA_STALE_INCARNATION']);
    expect(report.stopErrors).toEqual([]);
    expect(lab.all('health')).toEqual([]);
  });

  it('during its start takes a late readiness without an effect', async () => {
    const slow = service('slow', { ready: 'manual' }, async (ctx) => {
      await idle(ctx);
      ctx.ready('too late');
    });
    const lab = new Lab(supervisor('app', [slow]));
    void lab.begin();
    await lab.clock.settle();

    const report = await lab.stop();

    expect(report.stopErrors).toEqual([]);
    expect(lab.all('ready')).toEqual([]);
  });
});

describe('a revoked ctx', () => {
  async function revoked(): Promise<{ ctx: Context; lab: Lab<never> }> {
    const puppet = new Puppet();
    const other = service('other', { receive: { ping: () => 'pong' } }, idle);
    const feed = service('feed', { backoff: { first: 0 } }, puppet.body);
    const lab = await new Lab(supervisor('app', [other, feed])).start();
    const { ctx } = puppet.life;
    puppet.life.fail(new Error('over'));
    await lab.clock.settle();
    return { ctx, lab: lab as unknown as Lab<never> };
  }

  it.each<[string, (ctx: Context) => unknown]>([
    ['ready', (ctx) => ctx.ready()],
    ['beat', (ctx) => ctx.beat()],
    ['health', (ctx) => ctx.health('unhealthy')],
    ['defer', (ctx) => ctx.defer(() => {})],
    ['use', (ctx) => ctx.use('x', () => {})],
    ['send', (ctx) => ctx.send('app/other', 'ping')],
    ['ask', (ctx) => ctx.ask('app/other', 'ping')],
    ['spawn', (ctx) => ctx.spawn(service('job', idle))],
  ])('rejects %s, which could act for its successor', async (what, act) => {
    const { ctx, lab } = await revoked();
    const before = lab.events.length;

    const attempt = async () => await act(ctx);

    await expect(attempt()).rejects.toMatchObject({
      code: 'DARUMA_STALE_INCARNATION',
      path: 'app/feed',
      message: `Incarnation 1 of app/feed is over; it may not call ctx.${what} any more.`,
    });
    await lab.clock.settle();
    expect(lab.events.length).toBe(before);
  });

  it('still says who it was, and tells the time', async () => {
    const { ctx, lab } = await revoked();

    expect(ctx.path).toBe('app/feed');
    expect(ctx.incarnation).toBe(1);
    expect(ctx.now()).toBe(lab.clock.now());
    expect(ctx.log).toBeDefined();
    await expect(ctx.sleep(1)).rejects.toMatchObject({ code: 'DARUMA_CANCELLED' });
  });

  it('is that of an abandoned incarnation, whose late readiness is ignored', async () => {
    let kept: Context | undefined;
    const slow = service('slow', { ready: 'manual', stopWithin: '1s' }, (ctx) => {
      kept = ctx;
      return ctx.incarnation === 1 ? deaf() : idle(ctx);
    });
    const lab = new Lab(supervisor('app', [slow]));
    void lab.begin();
    await lab.clock.settle();
    await lab.stop();

    expect(() => kept?.ready('late')).toThrow(
      expect.objectContaining({ code: 'DARUMA_STALE_INCARNATION' }),
    );
    expect(lab.all('ready')).toEqual([]);
  });
});
