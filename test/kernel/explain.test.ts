import { describe, expect, it } from 'vitest';
import {
  type Explanation,
  ignore,
  type ServiceDefinition,
  service,
  supervisor,
} from '../../src/index.ts';
import { deaf, idle, Lab, Puppet } from './lab.ts';

const backoff = { first: '5s', jitter: 'none' } as const;

/** An explanation as people read it. */
function text({ status, why, rule, next }: Explanation): string {
  return `${status} [${rule}]\n${why}\n${next}`;
}

/** A system with this service alone, which is named feed. */
async function alone(feed: ServiceDefinition<'feed'>) {
  const lab = await new Lab(supervisor('app', [feed])).start();
  return { lab, explained: () => text(lab.system.ref('app/feed').explain()) };
}

describe('explain', () => {
  it('before the first start', () => {
    const lab = new Lab(supervisor('app', [service('feed', idle)]));

    expect(text(lab.system.ref('app/feed').explain())).toMatchInlineSnapshot(`
      "stopped [Starting]
      The system has not been started.
      It starts with system.start()."
    `);
  });

  it('running', async () => {
    const { explained } = await alone(service('feed', idle));

    expect(explained()).toMatchInlineSnapshot(`
      "running [Starting]
      It is ready, as incarnation 1.
      It runs until it ends or is asked to stop."
    `);
  });

  it('starting for the first time', async () => {
    const lab = new Lab(supervisor('app', [service('feed', { ready: 'manual' }, idle)]));
    void lab.begin();
    await lab.clock.settle();

    expect(text(lab.system.ref('app/feed').explain())).toMatchInlineSnapshot(`
      "starting [Starting]
      It was asked to start and is not ready yet.
      Its start fails 10s after it began."
    `);
    expect(text(lab.system.ref('app').explain())).toMatchInlineSnapshot(`
      "starting [Starting]
      It was asked to start and is not ready yet.
      It is ready when all its items have been."
    `);
  });

  it('starting again', async () => {
    const puppet = new Puppet();
    const feed = service('feed', {
      backoff,
      start: (ctx) => (ctx.incarnation === 1 ? undefined : ctx.sleep('1m')),
      run: puppet.body,
    });
    const lab = await new Lab(supervisor('app', [feed])).start();
    puppet.life.fail(new Error('connection reset'));
    await lab.clock.advance(5_000);

    expect(text(lab.system.ref('app/feed').explain())).toMatchInlineSnapshot(`
      "starting [Starting]
      It is restarted (attempt 1 of this series) after: connection reset.
      Its start fails 10s after it began."
    `);
  });

  it('waiting for an earlier item', async () => {
    const lab = new Lab(
      supervisor('app', [service('slow', { ready: 'manual' }, idle), service('feed', idle)]),
    );
    void lab.begin();
    await lab.clock.settle();

    expect(text(lab.system.ref('app/feed').explain())).toMatchInlineSnapshot(`
      "waiting [Starting]
      It comes after app/slow in a sequential start.
      It starts when those before it are ready."
    `);
  });

  it('waiting for needs', async () => {
    const puppet = new Puppet();
    const database = service('database', { backoff }, puppet.body);
    const cache = service('cache', { needs: { database } }, idle);
    const feed = service('feed', { needs: { database, cache } }, idle);
    const lab = await new Lab(supervisor('app', [database, cache, feed])).start();
    puppet.life.fail(new Error('disk full'));
    await lab.clock.settle();

    expect(text(lab.system.ref('app/feed').explain())).toMatchInlineSnapshot(`
      "waiting [Needs]
      It needs app/database (backoff) and app/cache (waiting).
      It starts as soon as all of them are ready; that is never charged."
    `);
  });

  it('waiting for its group', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(
      supervisor('app', { strategy: 'one-for-all' }, [
        service('feed', idle),
        service('culprit', { backoff }, puppet.body),
      ]),
    ).start();
    puppet.life.fail(new Error('disk full'));
    await lab.clock.settle();

    expect(text(lab.system.ref('app/feed').explain())).toMatchInlineSnapshot(`
      "waiting [Groups]
      Its group is being restarted.
      It starts when those before it are ready."
    `);
  });

  it('waiting for its supervisor', async () => {
    const puppet = new Puppet();
    const edge = supervisor('edge', { intensity: 0, backoff }, [service('feed', puppet.body)]);
    const lab = await new Lab(supervisor('app', [edge])).start();
    puppet.life.fail(new Error('disk full'));
    await lab.clock.advance(1_000);

    expect(text(lab.system.ref('app/edge/feed').explain())).toMatchInlineSnapshot(`
      "waiting [Starting]
      Its supervisor app/edge is down (backoff).
      It comes back with its supervisor."
    `);
    expect(text(lab.system.ref('app/edge').explain())).toMatchInlineSnapshot(`
      "backoff [Backoff]
      It ended after: app/edge gave up: 0 restarts in 1m are all that it allows (intensity 0), and app/edge/feed failed again; restart 1 of 20 in 1m was charged.
      It starts again in 4s (delay 1 of the series, 5s)."
    `);
  });

  it('in backoff, with the time that is left', async () => {
    const puppet = new Puppet();
    const { lab, explained } = await alone(service('feed', { backoff, run: puppet.body }));
    puppet.life.fail(new Error('connection reset'));
    await lab.clock.advance(1_500);

    expect(explained()).toMatchInlineSnapshot(`
      "backoff [Backoff]
      It ended after: connection reset; restart 1 of 20 in 1m was charged.
      It starts again in 3.5s (delay 1 of the series, 5s)."
    `);
  });

  it('stopping', async () => {
    const slow = service('feed', { stopWithin: '10s' }, async (ctx) => {
      await idle(ctx);
      await lab.wait(5_000);
    });
    const lab = new Lab(supervisor('app', [slow]));
    await lab.start();
    const stopped = lab.system.ref('app/feed').stop();
    await lab.clock.advance(1_000);
    const byHand = text(lab.system.ref('app/feed').explain());
    await lab.until(stopped);
    await lab.until(lab.system.ref('app/feed').start());
    void lab.system.stop();
    await lab.clock.advance(1_000);

    expect(byHand).toMatchInlineSnapshot(`
      "stopping [Stopping]
      It ended or was asked to stop, and its cleanup is under way.
      It is declared unstopped when its limit has passed."
    `);
    expect(text(lab.system.ref('app/feed').explain())).toMatchInlineSnapshot(`
      "stopping [Stopping]
      Its supervisor is stopping.
      It is declared unstopped when its limit has passed."
    `);
  });

  it('stopped by hand', async () => {
    const { lab, explained } = await alone(service('feed', idle));
    await lab.until(lab.system.ref('app/feed').stop());

    expect(explained()).toMatchInlineSnapshot(`
      "stopped [Stopping]
      It was asked to stop.
      Nothing by itself; ref.start() starts it."
    `);
  });

  it('stopped because it returned', async () => {
    const { explained } = await alone(service('feed', { restart: 'transient', run: () => {} }));

    expect(explained()).toMatchInlineSnapshot(`
      "stopped [Restart types]
      Its body returned, and its restart type leaves it at that.
      Nothing by itself; ref.start() starts it."
    `);
  });

  it('stopped because decide said so', async () => {
    const { explained } = await alone(
      service('feed', { decide: () => 'stop' }, () => {
        throw new Error('bad credentials');
      }),
    );

    expect(explained()).toMatchInlineSnapshot(`
      "stopped [Restart types]
      It failed (bad credentials), and its restart type or decide() leaves it at that.
      Nothing by itself; ref.start() starts it."
    `);
  });

  it('stopped because it is not needed', async () => {
    const { explained } = await alone(service('feed', { start: () => ignore }));

    expect(explained()).toMatchInlineSnapshot(`
      "stopped [Starting]
      Its start answered that it is not needed.
      Nothing by itself; ref.start() starts it."
    `);
  });

  it('stopped because its turn was called off', async () => {
    const lab = new Lab(
      supervisor('app', [service('slow', { ready: 'manual' }, idle), service('feed', idle)]),
    );
    void lab.begin();
    await lab.clock.settle();
    await lab.until(lab.system.ref('app/feed').stop());

    expect(text(lab.system.ref('app/feed').explain())).toMatchInlineSnapshot(`
      "stopped [Starting]
      It has never run.
      Nothing by itself; ref.start() starts it."
    `);
  });

  it('given up', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(
      supervisor('app', { whenExhausted: 'give-up', intensity: 0 }, [service('feed', puppet.body)]),
    ).start();
    puppet.life.fail(new Error('disk full'));
    await lab.clock.settle();

    expect(text(lab.system.ref('app/feed').explain())).toMatchInlineSnapshot(`
      "failed [When the budget is spent]
      It failed more often than its supervisor allows after: disk full, and was given up.
      Nothing by itself; ref.start() tries again, uncharged."
    `);
  });

  it('unstopped', async () => {
    const { lab, explained } = await alone(service('feed', { stopWithin: '1s' }, deaf));
    await lab.until(lab.system.ref('app/feed').stop());

    expect(explained()).toMatchInlineSnapshot(`
      "unstopped [Unstopped]
      It did not end within its limit and was abandoned; what it still does is ignored.
      Nothing by itself; ref.start() makes a new incarnation."
    `);
  });

  it('absent', async () => {
    const { explained } = await alone(service('feed', { restart: 'temporary', run: () => {} }));

    expect(explained()).toMatchInlineSnapshot(`
      "absent [Temporary and dynamic children]
      There is no app/feed: it was never defined, or it was temporary or dynamic and has ended.
      Nothing, unless it is added again."
    `);
  });

  it('says since when, with the last end and the last event', async () => {
    const puppet = new Puppet();
    const { lab } = await alone(service('feed', { backoff, run: puppet.body }));
    await lab.clock.advance(1_000);
    puppet.life.fail(new Error('connection reset'));
    await lab.clock.advance(2_000);

    expect(lab.system.ref('app/feed').explain()).toMatchObject({
      path: 'app/feed',
      incarnation: 1,
      since: Date.UTC(2026, 0, 1) + 1_000,
      lastEnd: { reason: 'error', error: { message: 'connection reset' }, at: 1_000 },
      lastEvent: { type: 'backoff', delayMs: 5_000 },
    });
  });
});
