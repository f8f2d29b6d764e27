import { describe, expect, it } from 'vitest';
import { type Context, service, supervisor } from '../../../src/index.ts';
import type { Notification } from '../../../src/services/notify/notification.ts';
import { Lab, Puppet } from '../../kernel/lab.ts';

const backoff = { first: '1s', jitter: 'none', factor: 1 } as const;

async function watched(options: object = {}, policy: object = {}) {
  const puppet = new Puppet();
  const told: string[] = [];
  const channel = ({ level, title }: Notification) => told.push(`${level}: ${title}`);
  const feed = service('feed', { backoff }, puppet.body);
  const app = supervisor('app', { whenExhausted: 'give-up', intensity: 100, ...policy }, [feed]);
  const notify = { channels: [channel], alerts: { ...options } };
  const lab = await new Lab(app, { notify }).start();
  return { lab, told, ctx: () => puppet.life.ctx as Context, puppet };
}

describe('alerts', () => {
  it('tell once that a service is unhealthy, and once that it is well again', async () => {
    const { lab, told, ctx } = await watched();

    for (let look = 0; look < 10; look++) {
      ctx().health('unhealthy', `lost ${look} rows`);
      await lab.clock.advance(30_000);
    }
    ctx().health('healthy');
    await lab.clock.settle();

    expect(told).toEqual(['error: app/feed is unhealthy', 'success: app/feed is healthy again']);
  });

  it('take a change from bad to worse for one, and no recovery', async () => {
    const { lab, told, ctx } = await watched();

    for (const status of ['degraded', 'unhealthy', 'degraded', 'healthy'] as const) {
      ctx().health(status);
    }
    await lab.clock.settle();

    expect(told).toEqual([
      'warning: app/feed is degraded',
      'error: app/feed is unhealthy',
      'success: app/feed is healthy again',
    ]);
  });

  it('do not tell again within the cooldown of what comes and goes, and do if it lasts beyond', async () => {
    const { lab, told, ctx } = await watched({ cooldown: '15m' });

    for (let nth = 0; nth < 20; nth++) {
      ctx().health('unhealthy');
      await lab.clock.advance(10_000);
      ctx().health('healthy');
      await lab.clock.advance(10_000);
    }
    ctx().health('unhealthy');
    await lab.clock.advance(15 * 60_000);

    expect(told).toEqual([
      'error: app/feed is unhealthy',
      'success: app/feed is healthy again',
      'error: app/feed is unhealthy',
    ]);
    ctx().health('healthy');
    await lab.clock.advance(15 * 60_000);
    expect(lab.clock.pendingTimers, 'what is over is forgotten').toBe(0);
  });

  it('remind while it lasts', async () => {
    const { lab, told, ctx } = await watched({ remindAfter: '1h' });

    ctx().health('unhealthy');
    await lab.clock.advance(2.5 * 3_600_000);

    expect(told).toEqual(Array(3).fill('error: app/feed is unhealthy'));
  });

  it('tell of a service that is given up after too many errors, and of its return', async () => {
    const { lab, told, puppet } = await watched({ restarts: 100 }, { intensity: 2 });

    for (let nth = 0; nth < 3; nth++) {
      puppet.life.fail(new Error('no'));
      await lab.clock.advance(1_000);
    }
    const given = [...told];
    await lab.until(lab.system.ref('app/feed').start());

    expect(given).toEqual(['error: app/feed was given up']);
    expect(told.at(-1)).toBe('success: app/feed is back');
  });

  it('tell of a service that is restarted too often, until it was not for a while', async () => {
    const { lab, told, puppet } = await watched({ restarts: 3, restartsWithin: '10m' });

    for (let nth = 0; nth < 5; nth++) {
      puppet.life.fail(new Error('no'));
      await lab.clock.advance(60_000);
    }
    await lab.clock.advance(600_000);

    expect(told).toEqual([
      'warning: app/feed keeps failing',
      'success: app/feed runs steadily again',
    ]);
  });

  it('leave no timer behind', async () => {
    const { lab, ctx, puppet } = await watched();
    ctx().health('unhealthy');
    puppet.life.fail(new Error('no'));
    await lab.clock.settle();

    await lab.stop();

    expect(lab.clock.pendingTimers).toBe(0);
  });
});
