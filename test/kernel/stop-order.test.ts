import { describe, expect, it } from 'vitest';
import { type AnySupervisor, service, supervisor } from '../../src/index.ts';
import { deaf, idle, Lab, Puppet } from './lab.ts';

/** A service that notes every step of its life, each of which takes a second. */
function noted(options: { restart?: 'permanent' | 'temporary' } = {}) {
  const steps: string[] = [];
  const puppet = new Puppet();
  const lab: Lab<ReturnType<typeof tree>> = new Lab(tree());
  function note(step: string, at = lab.clock.monotonic()) {
    steps.push(`${step} at ${at}`);
  }
  function tree() {
    const pool = service('pool', {
      ...options,
      start: (ctx) => {
        ctx.signal.addEventListener('abort', () => note('signal'));
        ctx.defer(async () => {
          note('first defer begins');
          await lab.wait(1_000);
          note('first defer ends');
        });
        ctx.use({ id: 7 }, async ({ id }) => {
          note(`use ${id} begins`);
          await lab.wait(1_000);
          note(`use ${id} ends`);
        });
        return { id: 7 };
      },
      run: async (ctx) => {
        await puppet.body(ctx);
        await lab.wait(1_000);
        note('body ends');
      },
      stop: async (_ctx, value) => {
        note(`stop hook for ${value.id} begins`);
        await lab.wait(2_000);
        note('stop hook ends');
      },
    });
    return supervisor('app', [pool]);
  }
  return { lab, puppet, steps };
}

describe('a stop', () => {
  it('cancels the signal, runs the stop hook beside the body, then cleans up in reverse', async () => {
    const { lab, steps } = noted();
    await lab.start();

    const report = await lab.stop();

    expect(steps).toEqual([
      'signal at 0',
      'stop hook for 7 begins at 0',
      'body ends at 1000',
      'stop hook ends at 2000',
      'use 7 begins at 2000',
      'use 7 ends at 3000',
      'first defer begins at 3000',
      'first defer ends at 4000',
    ]);
    expect(report).toMatchObject({ unstopped: [], stopErrors: [] });
  });

  it('has no stop hook when the body fails, but the signal and the cleanup', async () => {
    const { lab, puppet, steps } = noted({ restart: 'temporary' });
    await lab.start();

    puppet.life.fail(new Error('crash'));
    await lab.clock.advance(5_000);

    expect(steps).toEqual([
      'signal at 0',
      'use 7 begins at 0',
      'use 7 ends at 1000',
      'first defer begins at 1000',
      'first defer ends at 2000',
    ]);
    expect(lab.all('ended')[0]).toMatchObject({ reason: 'error', at: 2_000 });
  });

  it('cancels the signal when the body returns normally', async () => {
    const { lab, puppet, steps } = noted({ restart: 'temporary' });
    await lab.start();

    puppet.life.finish();
    await lab.clock.advance(5_000);

    expect(steps.slice(0, 3)).toEqual([
      'body ends at 1000',
      'signal at 1000',
      'use 7 begins at 1000',
    ]);
    expect(lab.all('ended')[0]).toMatchObject({ reason: 'normal' });
  });

  it('takes a body that throws the reason of its signal for a clean end', async () => {
    const polite = service('polite', async (ctx) => {
      await ctx.sleep('1h');
    });
    const lab = await new Lab(supervisor('app', [polite])).start();

    const report = await lab.stop();

    expect(report.stopErrors).toEqual([]);
    expect(lab.all('ended')[0]).toMatchObject({ path: 'app/polite', reason: 'shutdown' });
  });

  it('reports what a body throws after the cancellation as a stop error, not as a crash', async () => {
    const rude = service('rude', async (ctx) => {
      await idle(ctx);
      throw new Error('no time for this');
    });
    const lab = await new Lab(supervisor('app', [rude])).start();

    const report = await lab.stop();

    expect(report.stopErrors).toMatchObject([
      { path: 'app/rude', error: { message: 'no time for this' } },
    ]);
    expect(lab.all('ended')[0]).toMatchObject({ path: 'app/rude', reason: 'shutdown' });
    expect(lab.all('backoff')).toEqual([]);
  });

  it('runs every step whatever the others do, and collects their errors into one event', async () => {
    const ran: string[] = [];
    const pool = service('pool', {
      start: (ctx) => {
        ctx.defer(() => ran.push('last'));
        ctx.defer(() => {
          throw new Error('second');
        });
        ctx.defer(async () => {
          throw new Error('first');
        });
      },
      stop: () => {
        throw new Error('hook');
      },
    });
    const lab = await new Lab(supervisor('app', [pool])).start();

    const report = await lab.stop();

    expect(ran).toEqual(['last']);
    expect(report.stopErrors).toMatchObject([
      { path: 'app/pool', error: { message: '3 steps failed: hook; first; second' } },
    ]);
    expect(lab.log('app/pool').slice(-3)).toEqual([
      'stop-requested app/pool',
      'stop-error app/pool',
      'ended app/pool',
    ]);
  });

  it('reports a single error as it is', async () => {
    const pool = service('pool', {
      start: (ctx) => {
        ctx.defer(() => Promise.reject(new RangeError('only one')));
      },
    });
    const lab = await new Lab(supervisor('app', [pool])).start();

    const report = await lab.stop();

    expect(report.stopErrors[0]?.error).toMatchObject({ name: 'RangeError', message: 'only one' });
  });

  it('cleans up after a failed start', async () => {
    const closed: string[] = [];
    const pool = service('pool', {
      start: async (ctx) => {
        ctx.use('first connection', (name) => closed.push(name));
        ctx.defer(() => closed.push('deferred'));
        throw new Error('refused');
      },
      stop: () => closed.push('stop hook'),
    });
    const lab = new Lab(supervisor('app', [pool]));

    await lab.errorOf(lab.begin());

    expect(closed).toEqual(['deferred', 'first connection']);
  });

  it('cleans up after a start that was stopped under way, without its stop hook', async () => {
    const closed: string[] = [];
    const pool = service('pool', {
      start: async (ctx) => {
        ctx.use('connection', (name) => closed.push(name));
        await ctx.sleep('1m');
      },
      stop: () => closed.push('stop hook'),
    });
    const lab = new Lab(supervisor('app', [pool]), { bootWithin: 'infinity' });
    void lab.begin();
    await lab.clock.advance(1_000);

    await lab.stop();

    expect(closed).toEqual(['connection']);
    expect(lab.all('ended')[0]).toMatchObject({ path: 'app/pool', reason: 'shutdown' });
  });

  it('does not begin the body when the start ends after the cancellation', async () => {
    const called: string[] = [];
    const pool = service('pool', {
      start: () => lab.wait(1_000),
      run: () => void called.push('body'),
      stop: () => void called.push('stop hook'),
    });
    const lab: Lab<AnySupervisor> = new Lab(supervisor('app', [pool]));
    void lab.begin();
    await lab.clock.settle();

    const report = await lab.stop();

    expect(lab.clock.monotonic()).toBe(1_000);
    expect(called).toEqual([]);
    expect(report).toMatchObject({ unstopped: [], stopErrors: [] });
  });

  it('cleans up after a start that took too long', async () => {
    const closed: string[] = [];
    const pool = service('pool', {
      startWithin: '1s',
      start: async (ctx) => {
        ctx.defer(() => closed.push('connection'));
        await ctx.sleep('1m');
      },
    });
    const lab = new Lab(supervisor('app', [pool]));

    await lab.errorOf(lab.begin());

    expect(closed).toEqual(['connection']);
  });

  it.each([
    ['stop hook', { stop: deaf }],
    ['body', { run: deaf }],
  ])('has one limit for all: a %s that never ends', async (_part, hooks) => {
    const closed: string[] = [];
    const pool = service('pool', {
      stopWithin: '3s',
      start: (ctx) => {
        ctx.defer(() => closed.push('connection'));
      },
      ...hooks,
    });
    const lab = await new Lab(supervisor('app', [pool])).start();

    const report = await lab.stop();

    expect(report.unstopped).toEqual(['app/pool']);
    expect(lab.clock.monotonic()).toBe(3_000);
    // Nobody waits any more, but what was acquired is given back.
    expect(closed).toEqual(['connection']);
  });

  it('has one limit for all: hook, body and cleanup that are too slow together', async () => {
    const slow = service('slow', {
      stopWithin: '2500ms',
      start: (ctx) => {
        ctx.defer(() => lab.wait(1_000));
        ctx.defer(() => lab.wait(1_000));
      },
      run: async (ctx) => {
        await idle(ctx);
        await lab.wait(1_000);
      },
    });
    const lab = new Lab(supervisor('app', [slow]));
    await lab.start();

    const report = await lab.stop();

    expect(report.unstopped).toEqual(['app/slow']);
    expect(lab.clock.monotonic()).toBe(2_500);
  });

  it('bounds the cleanup after a crash by the same limit', async () => {
    const puppet = new Puppet();
    const pool = service(
      'pool',
      { stopWithin: '2s', restart: 'transient', backoff: { first: 0 } },
      (ctx) => {
        ctx.defer(ctx.incarnation === 1 ? deaf : () => {});
        return puppet.body(ctx);
      },
    );
    const lab = await new Lab(supervisor('app', [pool])).start();

    puppet.life.fail(new Error('crash'));
    await lab.clock.advance(1_999);
    const before = lab.system.ref('app/pool').status();
    await lab.clock.advance(1);

    expect(before).toBe('stopping');
    expect(lab.all('unstopped')).toMatchObject([{ path: 'app/pool', limitMs: 2_000 }]);
    expect(lab.system.ref('app/pool').incarnation()).toBe(2);
    expect(lab.system.ref('app/pool').status()).toBe('running');
  });

  it('asks a brutal service nothing: it is cut off, and its cleanup runs unobserved', async () => {
    const called: string[] = [];
    const brute = service('brute', {
      stopWithin: 'brutal',
      start: (ctx) => {
        ctx.defer(() => called.push('defer'));
      },
      run: deaf,
      stop: () => called.push('stop hook'),
    });
    const lab = await new Lab(supervisor('app', [brute])).start();

    const report = await lab.stop();

    expect(report).toMatchObject({ exitCode: 0, unstopped: [] });
    expect(lab.clock.monotonic()).toBe(0);
    expect(lab.all('ended')[0]).toMatchObject({ path: 'app/brute', reason: 'killed' });
    expect(called).toEqual(['defer']);
  });
});
