import { describe, expect, expectTypeOf, it } from 'vitest';
import { ignore, manual, service, supervisor } from '../../src/index.ts';
import { deaf, idle, Lab, Puppet } from './lab.ts';

interface Pool {
  readonly url: string;
}

describe('ready', () => {
  it('is immediate for a plain function: called is ready, with no value', async () => {
    const puppet = new Puppet();
    const feed = service('feed', puppet.body);
    const lab = await new Lab(supervisor('app', [feed])).start();

    expect(puppet.lives).toHaveLength(1);
    expect(lab.system.ref('app/feed').status()).toBe('running');
    expect(lab.system.value(feed)).toBeUndefined();
    expectTypeOf(lab.system.value(feed)).toEqualTypeOf<undefined>();
  });

  it('comes before the end of a body that throws synchronously', async () => {
    const boom = service('boom', { restart: 'temporary' }, () => {
      throw new Error('at once');
    });
    const lab = await new Lab(supervisor('app', [boom])).start();

    expect(lab.log('app/boom')).toEqual([
      'starting app/boom',
      'ready app/boom',
      'ended app/boom',
      'dropped app/boom',
    ]);
  });

  it('is when the body says so with manual, and until then the next sibling waits', async () => {
    const puppet = new Puppet();
    const slow = service('slow', { ready: 'manual' }, puppet.body);
    const lab = new Lab(supervisor('app', [slow, service('next', idle)]));
    const started = lab.begin();
    await lab.clock.advance(1_500);
    const before = [lab.system.ref('app/slow').status(), lab.system.ref('app/next').status()];

    puppet.life.ctx.ready('here');
    await lab.until(started);

    expect(before).toEqual(['starting', 'waiting']);
    expect(lab.system.ref('app/slow').value()).toBe('here');
    expect(lab.all('ready')[0]).toMatchObject({ path: 'app/slow', tookMs: 1_500 });
    expect(lab.system.ref('app/next').status()).toBe('running');
  });

  it('is when the start hook has resolved, with what it resolved with', async () => {
    const pool = service('pool', {
      start: async (ctx): Promise<Pool> => {
        await ctx.sleep('2s');
        return { url: 'postgres://db' };
      },
    });
    const lab = await new Lab(supervisor('app', [pool])).start();

    expect(lab.clock.monotonic()).toBe(2_000);
    expect(lab.system.value(pool)).toEqual({ url: 'postgres://db' });
    expectTypeOf(lab.system.value(pool)).toEqualTypeOf<Pool | undefined>();
    expectTypeOf(lab.system.ref('app/pool').value()).toEqualTypeOf<Pool | undefined>();
  });

  it('hands the value of start to the body, the dependants and the outside', async () => {
    const seen: unknown[] = [];
    const pool = service('pool', { start: (): Pool => ({ url: 'x' }) }, async (ctx, value) => {
      expectTypeOf(value).toEqualTypeOf<Pool>();
      seen.push(value);
      await idle(ctx);
    });
    const api = service('api', { needs: { pool } }, async (ctx) => {
      expectTypeOf(ctx.needs.pool).toEqualTypeOf<Pool>();
      seen.push(ctx.needs.pool);
      await idle(ctx);
    });
    const lab = await new Lab(supervisor('app', [pool, api])).start();

    expect(seen).toEqual([{ url: 'x' }, { url: 'x' }]);
    expect(seen[0]).toBe(lab.system.value(pool));
    expect(seen[1]).toBe(lab.system.ref('app/pool').value());
  });

  it('takes the first value only when ready is called again', async () => {
    const pool = service('pool', { ready: manual<Pool>() }, async (ctx) => {
      ctx.ready({ url: 'first' });
      ctx.ready({ url: 'second' });
      await idle(ctx);
    });
    const lab = await new Lab(supervisor('app', [pool])).start();

    expect(lab.system.value(pool)).toEqual({ url: 'first' });
    expect(lab.all('ready').filter(({ path }) => path === 'app/pool')).toHaveLength(1);
  });

  it('fails the start of a manual body that returns without it', async () => {
    const lab = new Lab(supervisor('app', [service('feed', { ready: 'manual' }, async () => {})]));

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({
      code: 'DARUMA_START_FAILED',
      path: 'app/feed',
      cause: { code: 'DARUMA_ENDED_BEFORE_READY' },
    });
  });

  it('fails the start when it does not come within startWithin', async () => {
    const slow = service('slow', { ready: 'manual', startWithin: '3s' }, idle);
    const lab = new Lab(supervisor('app', [slow]));

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({ code: 'DARUMA_START_TIMEOUT', path: 'app/slow' });
    expect(lab.clock.monotonic()).toBe(3_000);
  });

  it('is not needed when start or the body answers ignore, and nothing failed', async () => {
    const tracing = service('tracing', { start: async () => ignore });
    const metrics = service('metrics', { ready: 'manual' }, async () => ignore);
    const lab = await new Lab(supervisor('app', [tracing, metrics, service('feed', idle)])).start();

    expect(lab.all('ignored').map(({ path }) => path)).toEqual(['app/tracing', 'app/metrics']);
    expect(lab.system.ref('app/tracing').status()).toBe('stopped');
    expect(lab.system.value(tracing)).toBeUndefined();
    expect(lab.system.ref('app').status()).toBe('running');
  });

  it('gives no value while it is down, and the value of the new incarnation after a restart', async () => {
    const puppet = new Puppet();
    const counter = service(
      'counter',
      { start: (ctx) => ctx.incarnation, backoff: { first: '1s', jitter: 'none' } },
      puppet.body,
    );
    const lab = await new Lab(supervisor('app', [counter])).start();
    const values = [lab.system.value(counter)];

    puppet.life.fail(new Error('lost'));
    await lab.clock.settle();
    values.push(lab.system.value(counter));
    await lab.clock.advance(1_000);
    values.push(lab.system.value(counter));

    expect(values).toEqual([1, undefined, 2]);
  });

  it('with start alone lives until it is stopped', async () => {
    const lab = await new Lab(supervisor('app', [service('pool', { start: () => 1 })])).start();
    await lab.clock.advance(86_400_000);
    const status = lab.system.ref('app/pool').status();

    const report = await lab.stop();

    expect(status).toBe('running');
    expect(report).toMatchObject({ exitCode: 0, unstopped: [], stopErrors: [] });
  });

  it('does not come from an incarnation that was asked to stop before', async () => {
    const late = service('late', { ready: 'manual' }, async (ctx) => {
      await idle(ctx);
      ctx.ready('too late');
    });
    const lab = new Lab(supervisor('app', [late]));
    const started = lab.begin();
    await lab.clock.settle();

    await lab.stop();

    await expect(started).rejects.toMatchObject({ code: 'DARUMA_STOPPED' });
    expect(lab.all('ready')).toEqual([]);
  });

  it('is abandoned with its start when that ignores the limit, and names the child', async () => {
    const stuck = service('stuck', { start: deaf, startWithin: '1s', stopWithin: '2s' });
    const lab = new Lab(supervisor('app', [stuck]));

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({ code: 'DARUMA_START_TIMEOUT', path: 'app/stuck' });
    expect(lab.log('app/stuck')).toEqual([
      'starting app/stuck',
      'start-failed app/stuck',
      'unstopped app/stuck',
    ]);
    expect(lab.clock.monotonic()).toBe(3_000);
  });
});
