import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { type Context, service, supervisor } from '../../../src/index.ts';
import type { Notification } from '../../../src/services/notify/notification.ts';
import type { NotifyFacilityOptions } from '../../../src/services/notify/options.ts';
import { Lab, Puppet } from '../../kernel/lab.ts';

async function telling(notify: NotifyFacilityOptions, options: object = {}) {
  const puppet = new Puppet();
  const app = supervisor('app', [service('feed', puppet.body)]);
  const lab = await new Lab(app, { notify, ...options }).start();
  return { lab, ctx: puppet.life.ctx as Context };
}

const errorNo = () => Promise.reject(new Error('no'));

describe('ctx.notify', () => {
  it('tells every channel who says what', async () => {
    const [first, second]: Notification[][] = [[], []];
    const channels = [
      (one: Notification) => first?.push(one),
      (one: Notification) => second?.push(one),
    ];
    const { lab, ctx } = await telling({ channels });

    ctx.notify('Disk is full', '3 MB left', { level: 'error', data: { disk: '/srv' } });
    expect(first, 'no channel is called on the stack of the service').toEqual([]);
    await lab.clock.settle();

    expect(first).toEqual(second);
    expect(first).toMatchObject([
      {
        level: 'error',
        title: 'Disk is full',
        message: '3 MB left',
        path: 'app/feed',
        heldBack: 0,
        data: { disk: '/srv' },
      },
    ]);
  });

  it('goes to the log where there is no channel', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const { lab, ctx } = await telling({}, { logger });

    ctx.notify('Disk is full', '3 MB left', { level: 'warning' });
    await lab.clock.settle();

    expect(JSON.parse(lines.at(-1) as string)).toMatchObject({
      level: 40,
      actor: 'app/feed',
      event: 'notification',
      msg: 'Disk is full: 3 MB left',
    });
  });

  it('leaves out what is less pressing than a channel wants', async () => {
    const told: string[] = [];
    const pager = {
      name: 'pager',
      level: 'warning',
      send: ({ level }: Notification) => void told.push(level),
    } as const;
    const { lab, ctx } = await telling({ channels: [pager] });

    for (const level of ['info', 'success', 'warning', 'error'] as const) {
      ctx.notify('it', '', level === 'info' ? { level } : level);
    }
    await lab.clock.settle();

    expect(told).toEqual(['warning', 'error']);
  });

  it('fails nobody when a channel fails, neither the caller nor the other channels', async () => {
    const told: string[] = [];
    const throws = {
      name: 'broken',
      send: () => {
        throw new Error('no');
      },
    };
    const channels = [
      throws,
      { name: 'rejects', send: errorNo },
      ({ title }: Notification) => told.push(title),
    ];
    const { lab, ctx } = await telling({ channels });

    ctx.notify('Backup complete');
    await lab.clock.settle();

    expect(told).toEqual(['Backup complete']);
    expect(lab.system.ref('app/feed').status()).toBe('running');
    expect(lab.all('notification')).toMatchObject([
      { outcome: 'failed', channel: 'broken', title: 'Backup complete', path: 'app/feed' },
      { outcome: 'sent', channel: 'channel 3' },
      { outcome: 'failed', channel: 'rejects', error: { message: 'no' } },
    ]);
  });

  it('drops the oldest of what waits for a channel that hangs, and says so', async () => {
    const hangs = { name: 'hangs', send: () => new Promise(() => {}) };
    const { lab, ctx } = await telling({
      channels: [hangs],
      dedupe: 0,
      rateLimit: { limit: 10_000, per: '1s' },
    });

    ctx.notify('number 0');
    await lab.clock.settle();
    for (let nth = 1; nth < 1_003; nth++) ctx.notify(`number ${nth}`);

    expect(lab.all('notification').map(({ title }) => title)).toEqual(['number 1', 'number 2']);
  });

  it('tells what comes at any moment in which a channel is about to be idle', async () => {
    for (let turns = 0; turns < 8; turns++) {
      const told: string[] = [];
      const { lab, ctx } = await telling({
        channels: [({ title }: Notification) => told.push(title)],
      });
      ctx.notify('first');
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      ctx.notify('second');
      await lab.clock.settle();

      expect(told).toEqual(['first', 'second']);
    }
  });

  it('makes the best of what is no notification: it must not hide what else went wrong', async () => {
    const told: unknown[] = [];
    const channels = [
      ({ title, message, level }: Notification) => told.push([title, message, level]),
    ];
    const { lab, ctx } = await telling({ channels });
    const unreadable = {
      toString() {
        throw new Error('no');
      },
    };

    ctx.notify('', unreadable as never, 'fatal' as never);
    ctx.notify('Service error', new Error('the disk is full') as never, null as never);
    await lab.clock.settle();

    expect(told).toEqual([
      ['Notification', '[object Object]', 'info'],
      ['Service error', 'the disk is full', 'info'],
    ]);
  });

  it('cannot be used by an incarnation that is over', async () => {
    const { lab, ctx } = await telling({ channels: [] });
    await lab.until(lab.system.ref('app/feed').stop());

    expect(() => ctx.notify('late')).toThrow(
      expect.objectContaining({ code: 'DARUMA_STALE_INCARNATION' }),
    );
  });

  it('waits on the way out for what is being delivered', async () => {
    const told: string[] = [];
    let deliver = () => {};
    const slow = {
      name: 'slow',
      send: ({ title }: Notification) =>
        new Promise<void>((resolve) => {
          deliver = () => {
            told.push(title);
            resolve();
          };
        }),
    };
    const { lab, ctx } = await telling({ channels: [slow] });
    ctx.notify('going');

    const stopped = lab.system.stop();
    await lab.clock.advance(500);
    deliver();
    await lab.until(stopped);

    expect(told).toEqual(['going']);
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('waits less than a second for a channel that hangs, and says what it did not deliver', async () => {
    const hangs = { name: 'hangs', send: () => new Promise(() => {}) };
    const { lab, ctx } = await telling({ channels: [hangs] });
    for (const title of ['first', 'second']) ctx.notify(title);
    await lab.clock.settle();
    const from = lab.clock.monotonic();

    const report = await lab.stop();

    expect(lab.clock.monotonic() - from).toBe(900);
    expect(report.stopErrors).toEqual([]);
    expect(lab.all('notification').map(({ title, outcome }) => `${title} ${outcome}`)).toEqual([
      'first failed',
      'second failed',
    ]);
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('leaves a channel that hangs behind after its timeout, and sends the next one', async () => {
    const told: string[] = [];
    const hangs = {
      name: 'hangs',
      timeout: '3s',
      send: ({ title }: Notification) => {
        told.push(title);
        return new Promise(() => {});
      },
    } as const;
    const { lab, ctx } = await telling({ channels: [hangs] });
    for (const title of ['first', 'second']) ctx.notify(title);

    await lab.clock.advance(3_000);

    expect(told).toEqual(['first', 'second']);
    expect(lab.all('notification')).toMatchObject([
      { at: 3_000, outcome: 'failed', error: { message: 'not delivered within 3s' } },
    ]);
  });

  it.each([
    [{ chanels: [] }, 'there is no option notify.chanels'],
    [{ channels: ['https://x'] }, "notify.channels[0] is 'https://x'; that is no channel."],
    [{ dedupe: 'soon' }, "notify.dedupe is 'soon'"],
    [{ rateLimit: { limit: 0, per: '1s' } }, 'notify.rateLimit.limit is 0'],
  ])('refuses the options %j', (notify, message) => {
    expect(() => new Lab(supervisor('app', []), { notify: notify as object })).toThrow(message);
  });
});
