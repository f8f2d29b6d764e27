import { describe, expect, it } from 'vitest';
import { type Context, service, supervisor } from '../../../src/index.ts';
import type { Notification } from '../../../src/services/notify/notification.ts';
import { Lab, Puppet } from '../../kernel/lab.ts';

async function telling() {
  const puppet = new Puppet();
  const told: Notification[] = [];
  const app = supervisor('app', [service('feed', puppet.body)]);
  const channels = [(one: Notification) => told.push(one)];
  const lab = await new Lab(app, { notify: { channels, dedupe: 0 } }).start();
  return { lab, ctx: puppet.life.ctx as Context, told };
}

describe('a scheduled notification', () => {
  it('is told at its time of day; what is due already, at once', async () => {
    const { lab, ctx, told } = await telling();
    const { clock } = lab;
    const at = clock.now() + 10_000;
    ctx.notify.schedule(new Date(at), 'Reminder', 'later', 'warning');
    ctx.notify.schedule(clock.now() - 1, 'Reminder', 'due already');
    await clock.settle();
    expect(told).toMatchObject([{ message: 'due already', level: 'info' }]);

    // Set back an hour meanwhile: it is not yet time.
    clock.jump(-3_600_000);
    await clock.advance(10_000);
    expect(told).toHaveLength(1);
    await clock.advance(3_600_000);

    expect(told.at(-1)).toMatchObject({ message: 'later', level: 'warning', time: at });
  });

  it('can be cancelled by its id, once, and by nobody else', async () => {
    const { lab, ctx, told } = await telling();
    const id = ctx.notify.schedule(lab.clock.now() + 1_000, 'Reminder');

    expect(lab.system.notify.cancel(id)).toBe(false);
    expect([ctx.notify.cancel(id), ctx.notify.cancel(id)]).toEqual([true, false]);
    await lab.clock.advance(5_000);

    expect(told).toEqual([]);
  });

  it('ends with the incarnation that scheduled it, and with the system', async () => {
    const { lab, ctx, told } = await telling();
    const soon = lab.clock.now() + 1_000;
    ctx.notify.schedule(soon, 'From a life that is over');
    lab.system.notify.schedule(soon, 'From outside');
    lab.system.notify.schedule(lab.clock.now() + 60_000, 'Too late');
    await lab.until(lab.system.ref('app/feed').stop());
    await lab.clock.advance(5_000);

    await lab.stop();

    expect(told.map(({ title }) => title)).toEqual(['From outside']);
    expect(lab.clock.pendingTimers).toBe(0);
    expect(() => ctx.notify.schedule(0, 'Stale')).toThrow(
      expect.objectContaining({ code: 'DARUMA_STALE_INCARNATION' }),
    );
  });

  it('needs a time', async () => {
    const { ctx } = await telling();

    expect(() => ctx.notify.schedule('tomorrow' as never, 'Reminder')).toThrow(
      expect.objectContaining({ code: 'DARUMA_INVALID_OPTION' }),
    );
  });
});
