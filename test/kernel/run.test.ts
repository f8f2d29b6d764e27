import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AnyDefinition,
  type SignalSource,
  type StopSignal,
  service,
  supervisor,
} from '../../src/index.ts';
import { deaf, idle, Lab, Puppet } from './lab.ts';

/** Signals that a test sends; knows who listens. */
class FakeSignals implements SignalSource {
  readonly listeners: { readonly signal: StopSignal; readonly callback: () => void }[] = [];

  on(signal: StopSignal, callback: () => void): () => void {
    const listener = { signal, callback };
    this.listeners.push(listener);
    return () => {
      this.listeners.splice(this.listeners.indexOf(listener), 1);
    };
  }

  send(signal: StopSignal): void {
    for (const listener of [...this.listeners]) if (listener.signal === signal) listener.callback();
  }
}

const slowToStop = service('slow', async (ctx) => {
  await idle(ctx);
  await new Promise(() => {});
});

let exitCodeBefore: typeof process.exitCode;
beforeEach(() => {
  exitCodeBefore = process.exitCode;
});
afterEach(() => {
  process.exitCode = exitCodeBefore;
});

async function running(children: readonly AnyDefinition[], options: { keepAlive?: boolean } = {}) {
  const signals = new FakeSignals();
  const lab = new Lab(supervisor('app', children), { signals, ...options });
  const exitCode = lab.system.run();
  await lab.clock.settle();
  return { lab, signals, exitCode };
}

describe('run', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops in order on %s and resolves to 0',
    async (signal) => {
      const { lab, signals, exitCode } = await running([service('feed', idle)]);
      process.exitCode = 99;

      signals.send(signal);
      const code = await lab.until(exitCode);

      expect(code).toBe(0);
      expect(process.exitCode).toBe(0);
      expect(lab.log().slice(-5)).toEqual([
        'signal app',
        'stop-requested app',
        'stop-requested app/feed',
        'ended app/feed',
        'ended app',
      ]);
      expect(lab.all('signal')).toMatchObject([{ signal, count: 1 }]);
    },
  );

  it('leaves at once on the second signal with 128 + its number, and names what is cut off', async () => {
    const { lab, signals, exitCode } = await running([service('quick', idle), slowToStop]);
    signals.send('SIGTERM');
    await lab.clock.advance(1_000);

    signals.send('SIGINT');
    const code = await lab.until(exitCode);

    expect(code).toBe(130);
    expect(process.exitCode).toBe(130);
    expect(lab.clock.monotonic()).toBe(1_000);
    expect(lab.all('cut-off')).toMatchObject([{ paths: ['app/quick', 'app/slow'] }]);
    expect(lab.system.phase).toBe('stopped');
  });

  it('counts the number of the second signal: SIGTERM is 143', async () => {
    const { lab, signals, exitCode } = await running([slowToStop]);

    signals.send('SIGINT');
    signals.send('SIGTERM');
    signals.send('SIGINT');

    expect(await lab.until(exitCode)).toBe(143);
  });

  it('stops also while it is still starting', async () => {
    const slow = service('slow', { start: (ctx) => ctx.sleep('1m') });
    const { lab, signals, exitCode } = await running([slow]);

    signals.send('SIGTERM');
    const code = await lab.until(exitCode);

    expect(code).toBe(0);
    expect(lab.clock.monotonic()).toBe(0);
  });

  it('resolves to 1 when the start failed', async () => {
    const broken = service('broken', {
      start: () => {
        throw new Error('no');
      },
    });
    const { lab, exitCode } = await running([broken]);

    expect(await lab.until(exitCode)).toBe(1);
    expect(process.exitCode).toBe(1);
  });

  it('resolves to 2 when the configuration is not valid', async () => {
    const signals = new FakeSignals();
    const lab = new Lab(supervisor('app', [service('feed', idle)]), {
      signals,
      config: { 'app/nobody': { url: 'x' } },
    });

    expect(await lab.until(lab.system.run())).toBe(2);
    expect(signals.listeners).toEqual([]);
  });

  it('resolves to 3 when the root gave up', async () => {
    const puppet = new Puppet();
    const lab = new Lab(
      supervisor('app', { intensity: 0 }, [service('feed', puppet.body), service('other', idle)]),
      { signals: new FakeSignals() },
    );
    const exitCode = lab.system.run();
    await lab.clock.settle();

    puppet.life.fail(new Error('for good'));

    expect(await lab.until(exitCode)).toBe(3);
    expect(lab.log()).toContain('ended app/other');
  });

  it('resolves to 4 when something is unstopped', async () => {
    const { lab, signals, exitCode } = await running([
      service('stuck', { stopWithin: '1s' }, deaf),
    ]);

    signals.send('SIGTERM');

    expect(await lab.until(exitCode)).toBe(4);
  });

  it("removes its own handlers, and nobody else's", async () => {
    const { lab, signals, exitCode } = await running([service('feed', idle)]);
    const foreign: string[] = [];
    signals.on('SIGTERM', () => foreign.push('heard'));
    const during = signals.listeners.length;

    signals.send('SIGTERM');
    await lab.until(exitCode);
    signals.send('SIGTERM');

    expect(during).toBe(3);
    expect(signals.listeners.map(({ signal }) => signal)).toEqual(['SIGTERM']);
    expect(foreign).toEqual(['heard', 'heard']);
  });

  it('installs handlers on the process by default, and takes them back', async () => {
    const before = [process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')];
    const lab = new Lab(supervisor('app', [service('feed', idle)]));
    const exitCode = lab.system.run();
    await lab.clock.settle();
    const during = [process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')];

    void lab.system.stop();
    await lab.until(exitCode);

    expect(during).toEqual(before.map((count) => count + 1));
    expect([process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')]).toEqual(before);
  });

  it('may follow a start, and an end', async () => {
    const signals = new FakeSignals();
    const lab = await new Lab(supervisor('app', [service('feed', idle)]), { signals }).start();
    const exitCode = lab.system.run();
    await lab.clock.settle();

    signals.send('SIGTERM');

    expect(await lab.until(exitCode)).toBe(0);
    expect(await lab.until(lab.system.run())).toBe(0);
    expect(signals.listeners).toEqual([]);
  });

  it('ends with a stop that somebody else asked for', async () => {
    const { lab, exitCode } = await running([service('feed', idle)]);

    void lab.system.stop();

    expect(await lab.until(exitCode)).toBe(0);
  });
});

describe('run, when every child has ended', () => {
  const once = (name: string, puppet: Puppet) =>
    service(name, { restart: 'transient' }, puppet.body);

  it('stops with 0', async () => {
    const [first, second] = [new Puppet(), new Puppet()];
    const { lab, exitCode } = await running([
      once('first', first),
      supervisor('edge', [service('brief', { restart: 'temporary' }, second.body)]),
    ]);
    first.life.finish();
    await lab.clock.settle();
    const between = lab.system.phase;

    second.life.finish();

    expect(await lab.until(exitCode)).toBe(0);
    expect(between).toBe('running');
  });

  it('goes on with keepAlive', async () => {
    const puppet = new Puppet();
    const { lab, signals, exitCode } = await running([once('first', puppet)], { keepAlive: true });

    puppet.life.finish();
    await lab.clock.advance(60_000);
    const phase = lab.system.phase;
    signals.send('SIGTERM');
    await lab.until(exitCode);

    expect(phase).toBe('running');
  });

  it('does not take a backoff, a wait, a failed child or a dynamic supervisor for an end', async () => {
    const puppet = new Puppet();
    const pool = supervisor('pool', { strategy: 'dynamic', template: service('worker', idle) });
    const { lab, signals, exitCode } = await running([once('first', puppet), pool]);

    puppet.life.finish();
    await lab.clock.advance(60_000);

    expect(lab.system.phase).toBe('running');
    signals.send('SIGTERM');
    await lab.until(exitCode);
  });

  it('stops with 1 when the last that was heard of a child is a failure that left it down', async () => {
    const puppet = new Puppet();
    const brief = service('brief', { restart: 'temporary' }, puppet.body);
    const { lab, exitCode } = await running([brief]);

    puppet.life.fail(new Error('broken'));

    expect(await lab.until(exitCode)).toBe(1);
  });
});

describe('run, after a failure that was repaired', () => {
  it('stops with 0', async () => {
    const puppet = new Puppet();
    const feed = service('feed', { restart: 'transient', decide: () => 'stop' }, puppet.body);
    const { lab, exitCode } = await running([feed, service('other', idle)]);
    puppet.life.fail(new Error('broken'));
    await lab.clock.settle();
    await lab.until(lab.system.find('app/feed')?.start() ?? Promise.reject(new Error('gone')));

    puppet.life.finish();
    await lab.clock.settle();
    await lab.until(lab.system.find('app/other')?.stop() ?? Promise.reject(new Error('gone')));

    expect(await lab.until(exitCode)).toBe(0);
  });
});

describe('start and stop from code', () => {
  it('install no handlers and leave process.exitCode alone', async () => {
    const signals = new FakeSignals();
    process.exitCode = 42;
    const lab = new Lab(supervisor('app', [service('feed', idle)]), { signals });

    await lab.start();
    await lab.stop();

    expect(signals.listeners).toEqual([]);
    expect(process.exitCode).toBe(42);
  });
});
