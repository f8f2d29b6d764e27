import { describe, expect, it } from 'vitest';
import { type StopSignal, service, supervisor } from '../../src/index.ts';
import { deaf, idle, Lab, Puppet } from './lab.ts';

describe('the stop report', () => {
  it('of a clean stop says so', async () => {
    const lab = await new Lab(supervisor('app', [service('feed', idle)])).start();

    expect(await lab.stop()).toEqual({
      reason: 'stopped',
      error: undefined,
      unstopped: [],
      cutOff: [],
      stopErrors: [],
      exitCode: 0,
    });
  });

  it('is the same for everybody who waits, and afterwards', async () => {
    const lab = await new Lab(supervisor('app', [service('feed', idle)])).start();
    const waiting = lab.system.stopped();

    const reports = [await lab.stop(), await waiting, await lab.system.stop()];

    expect(reports[0]).toEqual(reports[1]);
    expect(reports[1]).toEqual(reports[2]);
  });

  it('names what the start failed of', async () => {
    const broken = service('broken', { start: () => Promise.reject(new Error('no')) });
    const lab = new Lab(supervisor('app', [broken]));
    const error = await lab.errorOf(lab.begin());

    expect(await lab.stop()).toMatchObject({ reason: 'start-failed', exitCode: 1, error });
  });

  it('names what the root gave up over', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(
      supervisor('app', { intensity: 0 }, [service('feed', puppet.body)]),
    ).start();

    puppet.life.fail(new Error('for good'));
    const report = await lab.until(lab.system.stopped());

    expect(report).toMatchObject({
      reason: 'escalated',
      exitCode: 3,
      error: { code: 'DARUMA_RESTART_LIMIT', cause: { message: 'for good' } },
    });
  });

  it('names what is unstopped, also from long before the stop', async () => {
    const stuck = service('stuck', { stopWithin: '1s' }, deaf);
    const lab = await new Lab(supervisor('app', [stuck, service('feed', idle)])).start();
    await lab.until(lab.system.ref('app/stuck').stop());
    await lab.clock.advance(60_000);

    expect(await lab.stop()).toMatchObject({ exitCode: 4, unstopped: ['app/stuck'] });
  });

  it('does not name what has ended since', async () => {
    const late = service('late', { stopWithin: '1s' }, async (ctx) => {
      await idle(ctx);
      await lab.wait(5_000);
    });
    const lab = new Lab(supervisor('app', [late, service('feed', idle)]));
    await lab.start();
    await lab.until(lab.system.ref('app/late').stop());
    await lab.clock.advance(5_000);

    expect(await lab.stop()).toMatchObject({ exitCode: 0, unstopped: [] });
    expect(lab.all('unstopped')).toHaveLength(1);
    expect(lab.all('late')).toMatchObject([
      { path: 'app/late', fromIncarnation: 1, what: 'ended' },
    ]);
  });

  it('names what failed while it stopped, which is still a clean exit', async () => {
    const messy = service('messy', (ctx) => {
      ctx.defer(() => Promise.reject(new Error('cannot close')));
      return idle(ctx);
    });
    const lab = await new Lab(supervisor('app', [messy])).start();

    expect(await lab.stop()).toMatchObject({
      exitCode: 0,
      stopErrors: [{ path: 'app/messy', error: { name: 'Error', message: 'cannot close' } }],
    });
  });

  it('does not name what failed in cleanups of restarts before', async () => {
    const puppet = new Puppet();
    const messy = service('messy', { backoff: { first: 0 } }, (ctx) => {
      if (ctx.incarnation === 1) ctx.defer(() => Promise.reject(new Error('cannot close')));
      return puppet.body(ctx);
    });
    const lab = await new Lab(supervisor('app', [messy])).start();

    puppet.life.fail(new Error('crash'));
    await lab.clock.settle();

    expect(lab.all('stop-error')).toHaveLength(1);
    expect((await lab.stop()).stopErrors).toEqual([]);
  });

  it('names what was cut off by a second signal', async () => {
    let signal = () => {};
    const signals = {
      on: (_name: StopSignal, callback: () => void) => {
        signal = callback;
        return () => {};
      },
    };
    const { exitCode } = process;
    const lab = new Lab(supervisor('app', [service('quick', idle), service('stuck', deaf)]), {
      signals,
    });
    const running = lab.system.run();
    await lab.clock.settle();

    signal();
    signal();
    await lab.until(running);
    process.exitCode = exitCode;

    expect(await lab.system.stopped()).toMatchObject({
      reason: 'forced',
      cutOff: ['app/quick', 'app/stuck'],
      exitCode: 4,
    });
  });

  it('of a system that never started is clean', async () => {
    const lab = new Lab(supervisor('app', [service('feed', idle)]));

    const report = await lab.stop();

    expect(report).toMatchObject({ reason: 'stopped', exitCode: 0 });
    await expect(lab.begin()).rejects.toMatchObject({ code: 'DARUMA_STOPPED' });
    expect(lab.log()).toEqual([]);
  });
});
