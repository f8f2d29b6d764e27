import { describe, expect, it } from 'vitest';
import { service } from '../../src/define/service.ts';
import { Stage } from './stage.ts';

/** Never stops by itself. */
const never = (name: string, stopWithin: `${number}s`) =>
  service(name, { stopWithin, start: () => 'ready', stop: () => new Promise(() => {}) });

describe('the view of a stop', () => {
  it('is two lines when nothing takes long', async () => {
    const stage = new Stage([service('feed', (ctx) => ctx.sleep('1h'))]);
    await stage.run();
    stage.lines();

    await stage.signal('SIGTERM');

    expect(await stage.finish()).toBe(0);
    expect(stage.lines()).toMatchInlineSnapshot(`
      "■ app       SIGTERM: stopping
      ■ app       stopped in 0ms"
    `);
  });

  it('says who is still stopping, for how long, and of how long', async () => {
    const stage = new Stage([never('mailer', '10s')]);
    await stage.run();
    await stage.signal('SIGINT');

    expect(stage.live).toBeUndefined();

    await stage.clock.advance(3_250);
    expect(stage.live).toMatchInlineSnapshot(
      `"waiting for app/mailer 3.2s of 10s · Ctrl-C again leaves at once"`,
    );

    await stage.clock.advance(7_000);
    expect(await stage.finish()).toBe(4);
    expect(stage.live).toBeUndefined();
    expect(stage.lines()).toMatchInlineSnapshot(`
      "✔ app/mailer  is ready after 0ms
      ● app         is running: 1 service in 0ms
      ■ app         SIGINT: stopping
      ✖ app/mailer  did not stop within 10s and was abandoned
      ✖ app         stopped in 10s, but 1 service did not: app/mailer (exit code 4)"
    `);
  });

  it('logs it from time to time where there is no terminal', async () => {
    const stage = new Stage([never('mailer', '10s')], { isTerminal: false });
    await stage.run();
    stage.lines();
    await stage.signal('SIGTERM');
    await stage.clock.advance(5_000);

    expect(stage.lines()).toMatchInlineSnapshot(`
      "■ app         SIGTERM: stopping
        app         waiting for app/mailer 2.0s of 10s
        app         waiting for app/mailer 4.0s of 10s"
    `);
  });

  it('says who finishes what is in flight', async () => {
    const queue = service('queue', {
      start: () => 'ready',
      drain: () => new Promise(() => {}),
    });
    const stage = new Stage([queue]);
    await stage.run();
    await stage.signal('SIGINT');
    await stage.clock.advance(1_000);

    expect(stage.live).toMatchInlineSnapshot(
      `"waiting for work in flight: app/queue 1.0s · Ctrl-C again leaves at once"`,
    );
  });

  it('says after a second signal who was cut off', async () => {
    const stage = new Stage([never('mailer', '10s'), never('queue', '5s')]);
    await stage.run();
    stage.lines();
    await stage.signal('SIGINT');
    await stage.clock.advance(1_000);
    await stage.signal('SIGINT');

    expect(await stage.finish()).toBe(130);
    expect(stage.live).toBeUndefined();
    expect(stage.lines()).toMatchInlineSnapshot(`
      "■ app         SIGINT: stopping
      ■ app         SIGINT again: leaving now
      ✖ app         cut off while still up: app/mailer, app/queue
      ✖ app         was left at once (exit code 130)"
    `);
  });

  it('says why the root gave up', async () => {
    const loop = service('loop', { backoff: { first: 0, max: 0 } }, () => {
      throw new Error('no luck');
    });
    const stage = new Stage([loop]);
    await stage.run();
    await stage.clock.advance(1_000);

    expect(await stage.finish()).toBe(3);
    expect(stage.lines().split('\n').slice(-3).join('\n')).toMatchInlineSnapshot(`
      "✖ app       gives up: app/loop failed after 20 of 20 restarts in 1m: no luck
      ✖ app       gave up, and stopped in 0ms (exit code 3)
                               See the cause for what app/loop fails of. A longer backoff keeps a failing child inside the budget; whenExhausted: 'give-up' leaves it failed and the rest running."
    `);
  });

  it('says that nothing is left to do when every service has ended', async () => {
    const once = service('once', { restart: 'transient' }, () => {});
    const stage = new Stage([once]);
    await stage.run();
    await stage.clock.advance(10);

    expect(await stage.finish()).toBe(0);
    expect(stage.lines().split('\n').at(-1)).toBe('■ app       has nothing left to do');
  });

  it('is JSON lines when asked for', async () => {
    const stage = new Stage([never('mailer', '10s')], { isTerminal: false, json: true });
    await stage.run();
    await stage.signal('SIGTERM');
    await stage.clock.advance(10_000);
    await stage.finish();

    const records = stage
      .lines()
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
    const own = records.filter(({ event }) => ['running', 'waiting-for', 'down'].includes(event));
    expect(own.map(({ time: _, ...record }) => record)).toMatchInlineSnapshot(`
      [
        {
          "actor": "app",
          "event": "running",
          "level": 30,
          "msg": "is running: 1 service in 0ms",
          "services": 1,
          "tookMs": 0,
        },
        {
          "actor": "app",
          "event": "waiting-for",
          "level": 30,
          "msg": "waiting for app/mailer 2.0s of 10s",
        },
        {
          "actor": "app",
          "event": "waiting-for",
          "level": 30,
          "msg": "waiting for app/mailer 4.0s of 10s",
        },
        {
          "actor": "app",
          "event": "waiting-for",
          "level": 30,
          "msg": "waiting for app/mailer 6.0s of 10s",
        },
        {
          "actor": "app",
          "event": "waiting-for",
          "level": 30,
          "msg": "waiting for app/mailer 8.0s of 10s",
        },
        {
          "actor": "app",
          "cutOff": [],
          "event": "down",
          "exitCode": 4,
          "level": 50,
          "msg": "stopped in 10s, but 1 service did not: app/mailer (exit code 4)",
          "tookMs": 10000,
          "unstopped": [
            "app/mailer",
          ],
        },
      ]
    `);
  });
});
