import { describe, expect, it } from 'vitest';
import { service } from '../../src/define/service.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { Stage } from './stage.ts';

const slow = (name: string, after: `${number}s`) =>
  service(name, {
    startWithin: '20s',
    start: async (ctx) => {
      await ctx.sleep(after);
      return 'ready';
    },
  });

describe('the view of a start', () => {
  it('says what is ready, how long it took, and when all of it is', async () => {
    const stage = new Stage([slow('database', '0.2s'), service('feed', (ctx) => ctx.sleep('1h'))]);

    await stage.run();
    await stage.clock.advance(200);

    expect(stage.lines()).toMatchInlineSnapshot(`
      "✔ app/database  is ready after 200ms
      ✔ app/feed      is ready after 0ms
      ● app           is running: 2 services in 200ms"
    `);
    expect(stage.live).toBeUndefined();
  });

  it('says on a terminal what it waits for, and who waits for that', async () => {
    const database = slow('database', '5s');
    const feed = service('feed', { needs: { database } }, (ctx) => ctx.sleep('1h'));
    const stage = new Stage([supervisor('edge', { start: 'parallel' }, [database, feed])]);

    await stage.run();
    await stage.clock.advance(900);
    expect(stage.live).toBeUndefined();

    await stage.clock.advance(200);
    expect(stage.live).toMatchInlineSnapshot(
      `"waiting for app/edge/database 1.1s of 20s; app/edge/feed waits for it"`,
    );

    await stage.clock.advance(2_100);
    expect(stage.live).toMatchInlineSnapshot(
      `"waiting for app/edge/database 3.2s of 20s; app/edge/feed waits for it"`,
    );

    await stage.clock.advance(2_000);
    expect(stage.live).toBeUndefined();
    expect(stage.lines()).toMatchInlineSnapshot(`
      "✔ app/edge/database  is ready after 5s
      ✔ app/edge/feed      is ready after 0ms
      ● app                is running: 2 services in 5s"
    `);
  });

  it('logs it from time to time where there is no terminal', async () => {
    const stage = new Stage([slow('database', '12s')], { isTerminal: false });

    await stage.run();
    await stage.clock.advance(11_000);

    expect(stage.lines()).toMatchInlineSnapshot(`
      "  app           waiting for app/database 5.0s of 20s
        app           waiting for app/database 10.0s of 20s"
    `);
  });

  it('names two of those that are slow, and counts the others', async () => {
    const four = ['a', 'b', 'c', 'd'].map((name) => slow(name, '9s'));
    const stage = new Stage([supervisor('edge', { start: 'parallel' }, four)]);

    await stage.run();
    await stage.clock.advance(3_000);

    expect(stage.live).toMatchInlineSnapshot(
      `"waiting for app/edge/a 3.0s of 20s, app/edge/b 3.0s of 20s and 2 more"`,
    );
  });

  it('says of a first start that is retried when it goes on, and what it failed of', async () => {
    const database = service('database', {
      firstStart: 'retry',
      backoff: { first: '10s', jitter: 'none' },
      start: () => {
        throw new Error('connect ECONNREFUSED');
      },
    });
    const stage = new Stage([database]);

    await stage.run();
    await stage.clock.advance(3_000);

    expect(stage.live).toMatchInlineSnapshot(
      `"waiting for app/database, which restarts in 7.0s (attempt 1): connect ECONNREFUSED"`,
    );
  });

  it('tells a failed start, what to do, and the exit code', async () => {
    const broken = service('database', {
      start: () => {
        throw new Error('connect ECONNREFUSED');
      },
    });
    const stage = new Stage([service('first', { start: () => 'ready' }), broken]);

    await stage.run();
    await stage.clock.advance(10);

    expect(await stage.finish()).toBe(1);
    expect(stage.lines()).toMatchInlineSnapshot(`
      "✔ app/first     is ready after 0ms
      ✖ app/database  did not start: connect ECONNREFUSED
                                   at start (test/cli/start-view.test.ts:103:15)
      ✖ app           did not start (exit code 1)
                                   A first start is not retried; firstStart: 'retry' retries it with backoff."
    `);
  });
});
