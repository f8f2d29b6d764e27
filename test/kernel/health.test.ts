import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { deaf, idle, Lab, Puppet } from './lab.ts';

const backoff = { first: '1s', jitter: 'none' } as const;

describe('health', () => {
  it('is healthy and ready when everything runs', async () => {
    const lab = await new Lab(
      supervisor('app', [supervisor('edge', [service('feed', idle)]), service('api', idle)]),
    ).start();

    expect(lab.system.health()).toEqual({ status: 'healthy', ready: true, reasons: [] });
    expect(lab.system.ref('app/edge/feed').health()).toEqual(lab.system.health());
  });

  it('is what a service says of itself, with the reason, until it says otherwise', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(
      supervisor('app', [supervisor('edge', [service('feed', puppet.body)])]),
    ).start();

    puppet.life.ctx.health('degraded', 'reads from a replica');
    const degraded = lab.system.health();
    puppet.life.ctx.health('unhealthy');
    const unhealthy = lab.system.health();
    puppet.life.ctx.health('healthy');

    expect(degraded).toEqual({
      status: 'degraded',
      ready: true,
      reasons: [{ path: 'app/edge/feed', status: 'degraded', reason: 'reads from a replica' }],
    });
    expect(unhealthy).toMatchObject({ status: 'unhealthy', ready: true });
    expect(lab.system.health()).toEqual({ status: 'healthy', ready: true, reasons: [] });
  });

  it('is reported as an event when it changes, and only then', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(supervisor('app', [service('feed', puppet.body)])).start();
    const { ctx } = puppet.life;

    for (const reason of ['slow', 'slow', 'slower']) ctx.health('degraded', reason);
    ctx.health('healthy');
    ctx.health('healthy');

    expect(lab.all('health').map(({ status, reason }) => [status, reason])).toEqual([
      ['degraded', 'slow'],
      ['degraded', 'slower'],
      ['healthy', undefined],
    ]);
  });

  it('counts until the end of the incarnation', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(
      supervisor('app', [service('feed', { backoff }, puppet.body)]),
    ).start();
    puppet.life.ctx.health('unhealthy', 'broken');

    puppet.life.fail(new Error('broken'));
    await lab.clock.advance(1_000);

    expect(lab.system.ref('app/feed').incarnation()).toBe(2);
    expect(lab.system.health()).toEqual({ status: 'healthy', ready: true, reasons: [] });
  });

  it('is degraded and not ready while a child is coming back', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(
      supervisor('app', [service('feed', { backoff }, puppet.body)]),
    ).start();

    puppet.life.fail(new Error('lost'));
    await lab.clock.settle();

    expect(lab.system.health()).toEqual({
      status: 'degraded',
      ready: false,
      reasons: [{ path: 'app/feed', status: 'degraded', reason: 'is backoff' }],
    });
  });

  it('is only degraded by a child that was given up, which is ready without it', async () => {
    const puppet = new Puppet();
    const edge = supervisor('edge', { whenExhausted: 'give-up', intensity: 0 }, [
      service('feed', puppet.body),
      service('other', idle),
    ]);
    const lab = await new Lab(supervisor('app', [edge])).start();

    puppet.life.fail(new Error('for good'));
    await lab.clock.settle();

    expect(lab.system.ref('app/edge/feed').health()).toMatchObject({
      status: 'unhealthy',
      ready: false,
    });
    expect(lab.system.health()).toEqual({
      status: 'degraded',
      ready: true,
      reasons: [{ path: 'app/edge/feed', status: 'unhealthy', reason: 'was given up' }],
    });
  });

  it('does not count what was stopped, was not needed, or has done its work', async () => {
    const once = service('once', { restart: 'transient' }, () => {});
    const lab = await new Lab(supervisor('app', [once, service('feed', idle)])).start();

    await lab.until(lab.system.ref('app/feed').stop());

    expect(lab.system.health()).toEqual({ status: 'healthy', ready: true, reasons: [] });
  });

  it('is unhealthy where something did not stop', async () => {
    const stuck = service('stuck', { stopWithin: '1s' }, deaf);
    const lab = await new Lab(supervisor('app', [stuck])).start();

    await lab.until(lab.system.ref('app/stuck').stop());

    expect(lab.system.health()).toMatchObject({
      status: 'unhealthy',
      ready: false,
      reasons: [{ path: 'app/stuck', reason: 'did not stop within its limit' }],
    });
  });

  it('is that of the worst child', async () => {
    const [slow, broken] = [new Puppet(), new Puppet()];
    const lab = await new Lab(
      supervisor('app', [service('slow', slow.body), service('broken', broken.body)]),
    ).start();

    broken.life.ctx.health('unhealthy', 'broken');
    slow.life.ctx.health('degraded', 'slow');

    expect(lab.system.health()).toMatchObject({
      status: 'unhealthy',
      reasons: [{ path: 'app/slow' }, { path: 'app/broken' }],
    });
  });

  it('of a service is that of what it spawned too', async () => {
    const feed = service('feed', async (ctx) => {
      await ctx.spawn(
        service('job', (own) => {
          own.health('degraded', 'slow');
          return idle(own);
        }),
      );
      await idle(ctx);
    });
    const lab = await new Lab(supervisor('app', [feed])).start();

    expect(lab.system.ref('app/feed').health()).toEqual({
      status: 'degraded',
      ready: true,
      reasons: [{ path: 'app/feed/job', status: 'degraded', reason: 'slow' }],
    });
  });

  it('names twenty reasons at most', async () => {
    const pool = supervisor('pool', {
      strategy: 'dynamic',
      template: service('worker', (ctx) => {
        ctx.health('degraded', 'slow');
        return idle(ctx);
      }),
    });
    const lab = await new Lab(supervisor('app', [pool])).start();
    for (let n = 0; n < 50; n++) await lab.until(lab.system.ref('app/pool').startChild());

    expect(lab.system.health().reasons).toHaveLength(20);
    expect(lab.system.health().status).toBe('degraded');
  });
});

describe('readiness of the system', () => {
  it('is that of a running system only', async () => {
    const slow = service('slow', (ctx) => {
      ctx.defer(() => lab.wait(1_000));
      return idle(ctx);
    });
    const lab = new Lab(supervisor('app', [slow]));
    const ready: boolean[] = [lab.system.health().ready];
    await lab.start();
    ready.push(lab.system.health().ready);

    const stopped = lab.system.stop();
    ready.push(lab.system.health().ready);
    await lab.until(stopped);
    ready.push(lab.system.health().ready);

    expect(ready).toEqual([false, true, false, false]);
  });

  it('is lost as soon as a drain begins, while everything still runs', async () => {
    const server = service('server', { start: () => {}, drain: (ctx) => ctx.sleep(5_000) });
    const lab = await new Lab(supervisor('app', [server])).start();

    const stopped = lab.system.stop();
    await lab.clock.advance(1_000);

    expect(lab.system.ref('app/server').status()).toBe('running');
    expect(lab.system.health()).toMatchObject({ status: 'healthy', ready: false });
    await lab.until(stopped);
  });
});
