import { describe, expect, it } from 'vitest';
import { type AlertOptions, service, supervisor } from '../../../src/index.ts';
import { Lab, Puppet } from '../../kernel/lab.ts';
import { minute, Post } from './desk.ts';

async function watched(alerts: AlertOptions = {}): Promise<Post> {
  const post: Post = new Post({
    channels: [(each) => post.sent.push(each)],
    alerts: { restarts: 100, ...alerts },
  });
  return await post.open();
}

describe('an alert', () => {
  it('is raised when a service is not healthy, once and not with every look', async () => {
    const post = await watched();

    for (let look = 0; look < 20; look++) {
      post.ctx.health('unhealthy', `look ${look}`);
      await post.advance(30_000);
    }

    expect(post.sent).toMatchObject([
      {
        level: 'warning',
        path: 'app/backup',
        title: 'app/backup is not healthy',
        message: 'is unhealthy: look 0',
      },
    ]);
  });

  it('reminds after the cooldown while it lasts, and says when it is over', async () => {
    const post = await watched({ cooldown: '15m' });
    post.ctx.health('unhealthy');

    await post.advance(31 * minute);
    post.ctx.health('healthy');
    await post.advance(60 * minute);

    expect(post.sent.map(({ level, title, message }) => [level, title, message])).toEqual([
      ['warning', 'app/backup is not healthy', 'is unhealthy'],
      ['warning', 'app/backup is not healthy, for 15m now', 'is unhealthy'],
      ['warning', 'app/backup is not healthy, for 30m now', 'is unhealthy'],
      ['success', 'app/backup has recovered', 'is not healthy: over after 31m'],
    ]);
  });

  it('is not raised again within the cooldown, however often it comes and goes', async () => {
    const post = await watched({ cooldown: '15m' });

    for (let nth = 0; nth < 10; nth++) {
      post.ctx.health('unhealthy');
      await post.advance(20_000);
      post.ctx.health('healthy');
      await post.advance(20_000);
    }
    post.ctx.health('unhealthy');
    await post.advance(15 * minute);

    expect(post.titles).toEqual([
      'app/backup is not healthy',
      'app/backup has recovered',
      'app/backup is not healthy',
    ]);
  });

  it('takes degraded for healthy unless it is told otherwise', async () => {
    const [strict, plain] = [await watched({ health: 'degraded' }), await watched()];
    for (const post of [strict, plain]) {
      post.ctx.health('degraded', 'slow');
      await post.settle();
    }

    expect([strict.sent.length, plain.sent.length]).toEqual([1, 0]);
  });

  it('is raised for a service that is given up, and over when it is up again', async () => {
    const post = await watched();
    for (let nth = 0; nth < 4; nth++) {
      post.puppet.life.fail(new Error('no room'));
      await post.advance(2_000);
    }
    expect(post.sent).toMatchObject([
      {
        level: 'error',
        title: 'app/backup is given up',
        message: expect.stringMatching(/no room/),
      },
    ]);

    await post.lab.until(post.lab.system.ref('app/backup').start());
    await post.settle();

    expect(post.titles).toEqual(['app/backup is given up', 'app/backup has recovered']);
  });

  it('is raised for more restarts than allowed, and over when there were none for a while', async () => {
    const post = await watched({ restarts: 2, within: '10m' });
    for (let nth = 0; nth < 3; nth++) {
      post.puppet.life.fail(new Error(`crash ${nth}`));
      await post.advance(2_000);
    }
    expect(post.sent).toMatchObject([
      { level: 'warning', title: 'app/backup restarts too often', path: 'app/backup' },
    ]);

    await post.advance(11 * minute);

    expect(post.sent.at(-1)).toMatchObject({ level: 'success', title: 'app/backup has recovered' });
    expect(post.sent).toHaveLength(2);
  });

  it('is raised for an escalation, and reaches people though the system goes down over it', async () => {
    const puppet = new Puppet();
    const sent: string[] = [];
    const tree = supervisor('app', { intensity: 0 }, [service('feed', puppet.body)]);
    const channels = [
      ({ title, message }: { title: string; message: string }) => sent.push(title, message),
    ];
    const lab = await new Lab(tree, { notify: { channels } }).start();

    puppet.life.fail(new Error('no data'));
    await lab.until(lab.system.stopped());

    expect(sent).toEqual([
      'app has escalated',
      expect.stringMatching(/app\/feed failed .*no data/),
    ]);
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('is not raised by what happens on the way down, nor by rules that were left out', async () => {
    const post = await watched({ only: ['given-up'] });
    post.ctx.health('unhealthy');
    await post.lab.stop();

    expect(post.sent).toEqual([]);
    expect(post.lab.clock.pendingTimers).toBe(0);
  });
});
