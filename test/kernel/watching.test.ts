import { describe, expect, it } from 'vitest';
import { service, supervisor, type WatchedEnd } from '../../src/index.ts';
import { FakeSignals } from '../../src/testing/fake-signals.ts';
import { deaf, failureOf, idle, Lab, Puppet } from './lab.ts';

describe('watch', () => {
  it('calls back once when a child is down for good, with why', async () => {
    const puppet = new Puppet();
    const once = service('once', { restart: 'transient' }, puppet.body);
    const lab = await new Lab(supervisor('app', [once])).start();
    const ends: WatchedEnd[] = [];
    lab.system.ref('app/once').watch((end) => ends.push(end));

    puppet.life.finish();
    await lab.clock.settle();
    await lab.until(lab.system.ref('app/once').start());
    puppet.life.finish();
    await lab.clock.settle();

    expect(ends).toEqual([{ path: 'app/once', status: 'stopped', reason: 'normal' }]);
  });

  it('does not take a restart for an end', async () => {
    const puppet = new Puppet();
    const feed = service('feed', { backoff: { first: '1s', jitter: 'none' } }, puppet.body);
    const lab = await new Lab(supervisor('app', [feed])).start();
    const ends: WatchedEnd[] = [];
    lab.system.ref('app/feed').watch((end) => ends.push(end));

    for (const error of ['first', 'second', 'third']) {
      puppet.life.fail(new Error(error));
      await lab.clock.advance(10_000);
    }

    expect(lab.system.ref('app/feed').incarnation()).toBe(4);
    expect(ends).toEqual([]);
  });

  it('does not take a group restart, or that of a supervisor above, for an end', async () => {
    const puppet = new Puppet();
    const slow = service('slow', (ctx) => {
      ctx.defer(() => lab.wait(3_000));
      return idle(ctx);
    });
    const edge = supervisor('edge', { strategy: 'one-for-all', intensity: 1 }, [
      slow,
      service('feed', { backoff: { first: 0 } }, puppet.body),
    ]);
    const lab = new Lab(supervisor('app', [edge]));
    await lab.start();
    const ends: WatchedEnd[] = [];
    for (const path of ['app/edge', 'app/edge/slow', 'app/edge/feed'] as const) {
      lab.system.ref(path).watch((end) => ends.push(end));
    }

    puppet.life.fail(new Error('takes the group along'));
    await lab.clock.advance(10_000);
    puppet.life.fail(new Error('takes the supervisor along'));
    await lab.clock.advance(10_000);

    expect(lab.system.ref('app/edge').incarnation()).toBe(2);
    expect(lab.system.ref('app/edge/feed').status()).toBe('running');
    expect(ends).toEqual([]);
  });

  it('is told of a child that was given up', async () => {
    const puppet = new Puppet();
    const edge = supervisor('edge', { whenExhausted: 'give-up', intensity: 0 }, [
      service('feed', puppet.body),
    ]);
    const lab = await new Lab(supervisor('app', [edge])).start();
    const ends: WatchedEnd[] = [];
    lab.system.ref('app/edge/feed').watch((end) => ends.push(end));

    puppet.life.fail(new Error('for good'));
    await lab.clock.settle();

    expect(ends).toEqual([{ path: 'app/edge/feed', status: 'failed', reason: 'error' }]);
  });

  it('is told of a child that is stopped by hand, dropped, or unstopped', async () => {
    const pool = supervisor('pool', {
      strategy: 'dynamic',
      template: service('worker', idle),
    });
    const deafOne = service('deaf', { stopWithin: '1s' }, () => new Promise(() => {}));
    const lab = await new Lab(supervisor('app', [service('feed', idle), deafOne, pool])).start();
    const worker = await lab.until(lab.system.ref('app/pool').startChild({ id: 'w' }));
    const ends: [string, string][] = [];
    for (const ref of [lab.system.ref('app/feed'), lab.system.ref('app/deaf'), worker]) {
      ref.watch(({ path, status }) => ends.push([path, status]));
    }

    await lab.until(lab.system.ref('app/feed').stop());
    await lab.until(lab.system.ref('app/pool').stopChild('w'));
    await lab.until(lab.system.ref('app/deaf').stop());
    await lab.clock.settle();

    expect(ends).toEqual([
      ['app/feed', 'stopped'],
      ['app/pool/w', 'absent'],
      ['app/deaf', 'unstopped'],
    ]);
  });

  it('is told at once of a child that is down already, and of nothing at its path', async () => {
    const skipped = service('skipped', { restart: 'transient' }, () => {});
    const pool = supervisor('pool', { strategy: 'dynamic', template: service('worker', idle) });
    const lab = await new Lab(supervisor('app', [skipped, pool])).start();
    const ends: [string, string][] = [];

    lab.system.ref('app/skipped').watch(({ path, status }) => ends.push([path, status]));
    lab.system.ref('app/pool/nobody').watch(({ path, status }) => ends.push([path, status]));
    await lab.clock.settle();

    expect(ends).toEqual([
      ['app/skipped', 'stopped'],
      ['app/pool/nobody', 'absent'],
    ]);
  });

  it('waits for the first start', async () => {
    const lab = new Lab(supervisor('app', [service('feed', idle)]));
    const ends: WatchedEnd[] = [];
    lab.system.ref('app/feed').watch((end) => ends.push(end));

    await lab.clock.advance(1_000);
    await lab.start();

    expect(ends).toEqual([]);
  });

  it('is told when the system stops', async () => {
    const lab = await new Lab(supervisor('app', [service('feed', idle)])).start();
    const ends: WatchedEnd[] = [];
    lab.system.ref('app').watch((end) => ends.push(end));
    lab.system.ref('app/feed').watch((end) => ends.push(end));

    await lab.stop();
    await lab.clock.settle();

    expect(ends.map(({ path, reason }) => `${path} ${reason}`).sort()).toEqual([
      'app shutdown',
      'app/feed shutdown',
    ]);
  });

  it('can be taken back', async () => {
    const lab = await new Lab(supervisor('app', [service('feed', idle)])).start();
    const ends: WatchedEnd[] = [];
    const forget = lab.system.ref('app/feed').watch((end) => ends.push(end));

    forget();
    await lab.stop();
    await lab.clock.settle();

    expect(ends).toEqual([]);
  });

  it('with a callback that throws is an event and nothing else', async () => {
    const lab = await new Lab(supervisor('app', [service('feed', idle)])).start();
    lab.system.ref('app/feed').watch(() => {
      throw new Error('my own fault');
    });

    await lab.until(lab.system.ref('app/feed').stop());
    await lab.clock.settle();

    expect(lab.all('listener-failed')).toMatchObject([{ error: { message: 'my own fault' } }]);
  });
});

describe('whenReady', () => {
  it('resolves at once for what is running', async () => {
    const lab = await new Lab(supervisor('app', [service('feed', idle)])).start();

    await lab.system.ref('app/feed').whenReady();

    expect(lab.clock.monotonic()).toBe(0);
  });

  it('resolves when it is running, through failed attempts and before the first start', async () => {
    let attempts = 0;
    const feed = service('feed', {
      firstStart: 'retry',
      backoff: { first: '1s', jitter: 'none' },
      start: () => {
        if (attempts++ < 2) throw new Error('not yet');
      },
    });
    const lab = new Lab(supervisor('app', [feed]));
    const ready = lab.system.ref('app/feed').whenReady();
    await lab.clock.advance(1_000);

    await lab.start();

    await ready;
    expect(lab.system.ref('app/feed').status()).toBe('running');
  });

  it('rejects when it is down for good', async () => {
    const puppet = new Puppet();
    const once = service('once', { ready: 'manual', restart: 'transient' }, puppet.body);
    const lab = await new Lab(supervisor('app', [service('feed', idle)])).start();
    const added = lab.system.ref('app').startChild(once);
    added.catch(() => {});
    await lab.clock.settle();
    const waiting = lab.system.find('app/once')?.whenReady() ?? Promise.resolve();

    puppet.life.fail(new Error('no'));
    const error = await lab.errorOf(waiting);

    expect(error).toMatchObject({ code: 'DARUMA_NOT_RUNNING', path: 'app/once' });
  });

  it('rejects when the system stops, or never starts', async () => {
    const stuck = service('stuck', { ready: 'manual' }, idle);
    const lab = new Lab(supervisor('app', [stuck]));
    const waiting = failureOf(lab.system.ref('app/stuck').whenReady());
    void lab.begin();
    await lab.clock.settle();
    const never = new Lab(supervisor('app', [stuck]));
    const waitingToo = failureOf(never.system.ref('app/stuck').whenReady());

    await lab.stop();
    await never.stop();
    const errors = [await lab.until(waiting), await never.until(waitingToo)];

    expect(errors).toMatchObject([{ code: 'DARUMA_NOT_RUNNING' }, { code: 'DARUMA_NOT_RUNNING' }]);
  });

  it('rejects after a stop that was cut short, below a supervisor too', async () => {
    const { exitCode: exitCodeBefore } = process;
    const signals = new FakeSignals();
    const edge = supervisor('edge', [service('feed', deaf)]);
    const lab = new Lab(supervisor('app', [edge]), { signals });
    const exitCode = lab.system.run();
    await lab.clock.settle();

    signals.raise('SIGTERM');
    signals.raise('SIGTERM');
    await lab.until(exitCode);
    process.exitCode = exitCodeBefore;

    const error = await lab.errorOf(lab.system.ref('app/edge/feed').whenReady());
    expect(error).toMatchObject({ code: 'DARUMA_NOT_RUNNING', path: 'app/edge/feed' });
  });
});
