import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { createSystem, logChannel, service, supervisor } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';
import { minute, Post } from './desk.ts';

describe('a notification', () => {
  it('goes to every channel, with whose it is and how loud', async () => {
    const post = await new Post().open();

    const id = post.ctx.notify('Backup complete', '12 files', 'success');
    expect(post.sent, 'no channel is called on the stack of the service').toEqual([]);
    await post.settle();

    expect(post.sent).toEqual([
      {
        id,
        level: 'success',
        title: 'Backup complete',
        message: '12 files',
        key: 'app/backup success Backup complete',
        path: 'app/backup',
        incarnation: 1,
        time: post.lab.clock.now(),
        repeated: 0,
      },
    ]);
    expect(post.lab.all('notification')).toMatchObject([{ path: 'app', from: 'app/backup', id }]);
  });

  it('goes to the log where nobody says otherwise', async () => {
    const lines: Record<string, unknown>[] = [];
    const logger = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) });
    const tree = supervisor('app', [service('a', (ctx) => ctx.sleep('1d'))]);
    await using system = createSystem(tree, { logger, env: {} });
    await system.start();

    system.notify('Disk', 'is filling up', 'warning');
    system.notify('Hello', '');
    await new Promise((resolve) => setImmediate(resolve));

    const ours = lines.filter(({ notification }) => notification !== undefined);
    expect(ours).toMatchObject([
      { level: 40, actor: 'app', notification: 'warning', msg: 'Disk: is filling up' },
      { level: 30, notification: 'info', msg: 'Hello' },
    ]);
  });

  it('is given only to channels that want its level', async () => {
    const [all, loud] = [vi.fn(), vi.fn()];
    const channels = [all, { name: 'pager', level: 'error', send: loud } as const];
    const post = await new Post({ channels }).open();

    for (const level of ['info', 'success', 'warning', 'error'] as const) {
      post.ctx.notify(level, '', level);
    }
    await post.settle();

    expect(all).toHaveBeenCalledTimes(4);
    expect(loud.mock.calls.map(([{ title }]) => title)).toEqual(['error']);
  });

  it('never fails its caller, whatever it says and whoever calls', async () => {
    const post = await new Post().open();
    const { ctx } = post;
    const unreadable = {
      toString() {
        throw new Error('no');
      },
    };

    ctx.notify(undefined as never, unreadable as never, 'deafening' as never);
    await post.lab.until(post.lab.system.ref('app/backup').stop());
    ctx.notify('from beyond', '');
    await post.settle();

    expect(post.sent).toMatchObject([
      { title: '', message: 'something that cannot be read', level: 'info' },
    ]);
    expect(post.lab.all('late')).toMatchObject([{ path: 'app/backup', what: 'notify' }]);
  });
});

describe('repetitions', () => {
  it('are counted: one is sent in each window, the last with how many more there were', async () => {
    const post = await new Post().open();

    for (let nth = 1; nth <= 5; nth++) post.ctx.notify('Failed', `${nth}`, { key: 'backup' });
    await post.settle();
    expect(post.sent.map(({ message }) => message)).toEqual(['1']);
    await post.advance(minute);
    expect(post.sent).toMatchObject([{ message: '1' }, { message: '5', repeated: 3 }]);
    post.ctx.notify('Failed', '6', { key: 'backup' });
    await post.advance(minute - 1);
    expect(post.sent).toHaveLength(2);
    await post.advance(1);
    expect(post.sent.at(-1)).toMatchObject({ message: '6', repeated: 0 });
    await post.advance(minute);
    post.ctx.notify('Failed', '7', { key: 'backup' });
    await post.settle();

    expect(post.sent.at(-1)).toMatchObject({ message: '7' });
  });

  it('are those of one place, level and title, and can be let through', async () => {
    const post = await new Post({ dedupe: 0 }).open();
    post.ctx.notify('Failed', '');
    post.ctx.notify('Failed', '');
    await post.settle();
    expect(post.sent).toHaveLength(2);

    const other = await new Post().open();
    other.ctx.notify('Failed', '');
    other.ctx.notify('Failed', '', 'error');
    other.lab.system.notify('Failed', '');
    await other.settle();
    expect(other.sent).toHaveLength(3);
  });
});

describe('too many notifications', () => {
  it('are held back and summed up when the period is over', async () => {
    const post = await new Post({ limit: 2, per: '10s' }).open();
    for (let nth = 1; nth <= 8; nth++) {
      post.ctx.notify(`Number ${nth}`, '', nth === 5 ? 'error' : 'info');
    }
    await post.settle();
    expect(post.titles).toEqual(['Number 1', 'Number 2']);
    expect(post.lab.all('notifications-held-back')).toMatchObject([{ limit: 2, perMs: 10_000 }]);

    await post.advance(10_000);
    post.ctx.notify('Number 9', '');
    await post.settle();

    expect(post.sent.slice(2)).toMatchObject([
      {
        title: '6 notifications were held back',
        level: 'error',
        path: 'app',
        message: expect.stringMatching(/^app\/backup: Number 3, .*Number 7, and others$/),
      },
      { title: 'Number 9' },
    ]);
  });
});

describe('a scheduled notification', () => {
  it('is sent at its time, on the clock of the day', async () => {
    const post = await new Post().open();
    const { clock } = post.lab;
    const at = clock.now() + 10_000;
    post.ctx.notify.schedule(new Date(at), 'Reminder', 'later');
    post.ctx.notify.schedule(clock.now() - 1, 'Reminder', 'late already', 'warning');
    await post.settle();
    expect(post.sent).toMatchObject([{ message: 'late already' }]);

    // Set back an hour meanwhile: it is not yet time.
    clock.jump(-3_600_000);
    await post.advance(10_000);
    expect(post.sent).toHaveLength(1);
    await post.advance(3_600_000);

    expect(post.sent.at(-1)).toMatchObject({ message: 'later' });
    expect(post.sent.at(-1)?.time).toBe(at);
  });

  it('can be cancelled by its id, once', async () => {
    const post = await new Post().open();
    const { notify } = post.ctx;
    const id = notify.schedule(post.lab.clock.now() + 1_000, 'Reminder', '');

    expect([notify.cancel(id), notify.cancel(id), notify.cancel('n99')]).toEqual([
      true,
      false,
      false,
    ]);
    await post.advance(5_000);
    expect(post.sent).toEqual([]);
  });

  it('ends with the incarnation that scheduled it', async () => {
    const post = await new Post().open();
    post.ctx.notify.schedule(post.lab.clock.now() + 1_000, 'Reminder', '');
    post.lab.system.notify.schedule(post.lab.clock.now() + 1_000, 'From outside', '');
    await post.lab.until(post.lab.system.ref('app/backup').stop());

    await post.advance(5_000);

    expect(post.titles).toEqual(['From outside']);
  });
});

describe('notifications at the end', () => {
  it('are flushed: what waits for its window, for the period, and for the channel', async () => {
    const post: Post = new Post({
      limit: 2,
      channels: [
        async (each) => {
          await post.lab.wait(100);
          post.sent.push(each);
        },
      ],
    });
    await post.open();
    for (const title of ['One', 'One', 'Two', 'Three']) post.ctx.notify(title, '');

    await post.lab.stop();

    expect(post.titles).toEqual(['One', 'Two', '2 notifications were held back']);
    expect(post.lab.clock.pendingTimers).toBe(0);
    expect(post.lab.all('notification-lost')).toEqual([]);
  });

  it('that a channel does not take in time are given up, with a word about it', async () => {
    const channels = [{ name: 'hung', timeout: '1h', send: () => new Promise(() => {}) } as const];
    const post = await new Post({ channels }).open();
    for (const title of ['One', 'Two', 'Three']) post.ctx.notify(title, '');
    await post.settle();
    const at = post.lab.clock.monotonic();

    await post.lab.stop();

    expect(post.lab.clock.monotonic() - at).toBeLessThan(1_000);
    const lost = post.lab.all('notification-lost');
    expect(lost.map(({ why, channel }) => [why, channel])).toEqual([
      ['closed', 'hung'],
      ['closed', 'hung'],
    ]);
    expect(lost.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    expect(post.lab.clock.pendingTimers).toBe(0);
  });
});

describe('the options of notifications', () => {
  const tree = supervisor('app', [service('a', () => {})]);
  it.each([
    [{ channels: [42] }, /channels\[0\] is 42; it must be a function/],
    [{ channels: logChannel() }, /channels is an object; it must be a list/],
    [{ limit: 0 }, /limit is 0/],
    [{ dedup: '1m' }, /there is no option dedup/],
    [{ channels: [() => {}], alerts: { only: ['crashes'] } }, /alerts.only is a list; it must be/],
    [{ channels: [{ send() {}, level: 'loud' }] }, /channels\[0\]\.level is 'loud'/],
    ['log', /it is 'log'; it must be an object/],
  ])('are read when the system is made: %o', (notify, message) => {
    expect(() => new Lab(tree, { notify: notify as never })).toThrow(message);
  });
});
