import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { deaf, idle, Lab, Puppet } from './lab.ts';

describe('drain', () => {
  it('runs on all at once before anything is stopped, with the ready value', async () => {
    const steps: string[] = [];
    const note = (step: string): void => {
      steps.push(`${step} at ${lab.clock.monotonic()}`);
    };
    const server = (name: string, ms: number) =>
      service(name, {
        start: () => name,
        drain: async (ctx, value) => {
          note(`${value} drains`);
          await ctx.sleep(ms);
          note(`${value} has drained`);
        },
        stop: () => note(`${name} stops`),
      });
    const app = supervisor('app', [
      server('http', 1_000),
      supervisor('edge', [server('queue', 2_000)]),
    ]);
    const lab: Lab<typeof app> = new Lab(app);
    await lab.start();

    const report = await lab.stop();

    expect(steps).toEqual([
      'http drains at 0',
      'queue drains at 0',
      'http has drained at 1000',
      'queue has drained at 2000',
      'queue stops at 2000',
      'http stops at 2000',
    ]);
    expect(report.stopErrors).toEqual([]);
    expect(lab.log().filter((line) => line.includes('drain'))).toEqual([
      'draining app/http',
      'draining app/edge/queue',
      'drained app/http',
      'drained app/edge/queue',
    ]);
  });

  it('lets everything that it needs run, its signal not yet cancelled', async () => {
    const seen: unknown[] = [];
    const database = service('database', {
      start: () => 'rows',
      receive: { ping: () => 'pong' },
    });
    const server = service('server', {
      needs: { database },
      start: () => {},
      drain: async (ctx) => {
        await ctx.sleep(1_000);
        seen.push(ctx.signal.aborted, ctx.needs.database, await ctx.ask('app/database', 'ping'));
      },
    });
    const lab = new Lab(supervisor('app', [database, server]));
    await lab.start();

    await lab.stop();

    expect(seen).toEqual([false, 'rows', 'pong']);
  });

  it('is bounded by half of the grace period, so that something is left for the stop', async () => {
    const server = service('server', { start: () => {}, drain: deaf });
    const lab = await new Lab(supervisor('app', [server]), { grace: '21s' }).start();
    await lab.clock.advance(5_000);

    const report = await lab.stop();

    const stopping = lab.all('phase').find(({ phase }) => phase === 'stopping');
    expect(stopping?.at).toBe(15_000);
    expect(report).toMatchObject({ exitCode: 0, unstopped: [] });
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('is called off when the root gives up meanwhile: nothing keeps the process alive for it', async () => {
    const weak = new Puppet();
    const server = service('server', { start: () => {}, drain: deaf });
    const app = supervisor('app', { intensity: 0, period: '1s' }, [
      server,
      service('weak', weak.body),
    ]);
    const lab = await new Lab(app, { grace: '21s' }).start();
    const stopped = lab.system.stop();
    await lab.clock.advance(1_000);

    weak.life.fail(new Error('crash'));
    await lab.until(stopped);

    expect(lab.clock.monotonic()).toBe(1_000);
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('that fails is an event, and the stop goes on', async () => {
    const server = (name: string, drain: () => unknown) =>
      service(name, { start: () => {}, drain });
    const lab = await new Lab(
      supervisor('app', [
        server('throws', () => {
          throw new Error('at once');
        }),
        server('rejects', () => Promise.reject(new Error('later'))),
        server('works', () => {}),
      ]),
    ).start();

    const report = await lab.stop();

    const drained = lab.all('drained').map(({ path, error }) => `${path} ${error?.message}`);
    expect(drained.sort()).toEqual([
      'app/rejects later',
      'app/throws at once',
      'app/works undefined',
    ]);
    expect(report).toMatchObject({ exitCode: 0, reason: 'stopped' });
  });

  it('is not asked of what is not running', async () => {
    const drained: string[] = [];
    const puppet = new Puppet();
    const down = service('down', {
      backoff: { first: '10s', jitter: 'none' },
      run: puppet.body,
      drain: () => drained.push('down'),
    });
    const lab = await new Lab(supervisor('app', [down])).start();
    puppet.life.fail(new Error('crash'));
    await lab.clock.settle();

    await lab.stop();

    expect(drained).toEqual([]);
    expect(lab.clock.monotonic()).toBe(0);
  });

  it('is not asked when a start is aborted, or the root gives up', async () => {
    const drained: string[] = [];
    const server = service('server', { start: () => {}, drain: () => drained.push('server') });
    const puppet = new Puppet();
    const booting = new Lab(
      supervisor('app', [server, service('slow', { ready: 'manual' }, idle)]),
    );
    void booting.begin();
    await booting.clock.settle();
    const leaving = new Lab(
      supervisor('app', { intensity: 0 }, [server, service('feed', puppet.body)]),
    );
    await leaving.start();

    await booting.stop();
    puppet.life.fail(new Error('for good'));
    await leaving.until(leaving.system.stopped());

    expect(drained).toEqual([]);
  });

  it('is cut short by a root that goes down meanwhile', async () => {
    const puppet = new Puppet();
    const server = service('server', { start: () => {}, drain: deaf });
    const lab = await new Lab(
      supervisor('app', { intensity: 0 }, [server, service('feed', puppet.body)]),
    ).start();
    const stopped = lab.system.stop();
    await lab.clock.advance(1_000);

    puppet.life.fail(new Error('in the middle'));
    const report = await lab.until(stopped);

    expect(report.reason).toBe('escalated');
    expect(lab.clock.monotonic()).toBe(1_000);
  });
});

describe('the grace period', () => {
  it('keeps a second back, and bounds the whole stop', async () => {
    const stuck = (name: string) => service(name, { stopWithin: '10s' }, deaf);
    const lab = await new Lab(supervisor('app', [stuck('first'), stuck('second')]), {
      grace: '13s',
    }).start();

    const report = await lab.stop();

    expect(report).toMatchObject({ exitCode: 4, unstopped: ['app/second', 'app/first'] });
    expect(lab.all('unstopped').map(({ path, at, limitMs }) => [path, at, limitMs])).toEqual([
      ['app/second', 10_000, 10_000],
      ['app/first', 12_000, 2_000],
    ]);
  });

  it('begins with the drain', async () => {
    const server = service('server', {
      start: () => {},
      drain: deaf,
      run: deaf,
      stopWithin: '20s',
    });
    const lab = await new Lab(supervisor('app', [server]), { grace: '11s' }).start();

    await lab.stop();

    expect(lab.clock.monotonic()).toBe(10_000);
    expect(lab.all('unstopped')).toMatchObject([{ limitMs: 5_000 }]);
  });

  it("of 'infinity' waits as long as it takes", async () => {
    const slow = service('slow', { stopWithin: 'infinity' }, async (ctx) => {
      await idle(ctx);
      await lab.wait(3_600_000);
    });
    const lab = new Lab(supervisor('app', [slow]), { grace: 'infinity' });
    await lab.start();
    const stopped = lab.system.stop();
    await lab.clock.settle();
    const timers = lab.clock.pendingTimers;

    const report = await lab.until(stopped);

    // That of the body: no limit takes no timer.
    expect(timers).toBe(1);
    expect(report).toMatchObject({ exitCode: 0, unstopped: [] });
    expect(lab.clock.monotonic()).toBe(3_600_000);
  });

  it('refuses what is no duration', () => {
    expect(() => new Lab(supervisor('app', []), { grace: 'long' as '1s' })).toThrow(
      expect.objectContaining({ code: 'DARUMA_INVALID_DURATION' }),
    );
  });
});
