import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { deaf, idle, Lab } from './lab.ts';

/** A start hook that fails until its n-th call. */
function failingUntil(attempts: number) {
  let calls = 0;
  return () => {
    if (++calls < attempts) throw new Error(`refused ${calls}`);
    return calls;
  };
}

describe("firstStart: 'retry'", () => {
  it('retries the first start with backoff, and the boot waits for it', async () => {
    const database = service('database', {
      firstStart: 'retry',
      backoff: { first: '1s', jitter: 'none' },
      start: failingUntil(4),
    });
    const lab = await new Lab(supervisor('app', [database, service('feed', idle)])).start();

    expect(lab.clock.monotonic()).toBe(1_000 + 2_000 + 4_000);
    expect(lab.system.value(database)).toBe(4);
    expect(lab.all('backoff').map(({ delayMs, used }) => [delayMs, used])).toEqual([
      [1_000, 1],
      [2_000, 2],
      [4_000, 3],
    ]);
    expect(lab.log('app/feed')).toEqual([
      'waiting app/feed',
      'starting app/feed',
      'ready app/feed',
    ]);
  });

  it('is bounded by bootWithin', async () => {
    const database = service('database', {
      firstStart: 'retry',
      backoff: { first: '1s', max: '5s', jitter: 'none' },
      start: failingUntil(Number.POSITIVE_INFINITY),
    });
    const lab = new Lab(supervisor('app', [database, service('feed', idle)]), {
      bootWithin: '30s',
    });

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({ code: 'DARUMA_BOOT_TIMEOUT' });
    expect(lab.clock.monotonic()).toBe(30_000);
    expect(lab.system.phase).toBe('stopped');
  });

  it('is bounded by the budget of its supervisor too', async () => {
    const database = service('database', {
      firstStart: 'retry',
      backoff: { first: 0 },
      start: failingUntil(Number.POSITIVE_INFINITY),
    });
    const lab = new Lab(supervisor('app', { intensity: 3 }, [database]));

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({
      code: 'DARUMA_START_FAILED',
      path: 'app/database',
      cause: { code: 'DARUMA_RESTART_LIMIT', path: 'app' },
    });
    expect(lab.all('backoff')).toHaveLength(3);
  });

  it('is not the default: a first start that fails is the failure of the whole start', async () => {
    const stopped: string[] = [];
    const pool = service('pool', { start: () => {}, stop: () => stopped.push('pool') });
    const database = service('database', { start: failingUntil(2) });
    const lab = new Lab(supervisor('app', [pool, database]));

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({
      code: 'DARUMA_START_FAILED',
      path: 'app/database',
      cause: { message: 'refused 1' },
    });
    expect(stopped).toEqual(['pool']);
    expect(lab.all('backoff')).toEqual([]);
    expect(await lab.stop()).toMatchObject({ reason: 'start-failed', exitCode: 1 });
  });
});

describe('bootWithin', () => {
  it('names who is missing', async () => {
    const app = supervisor('app', { start: 'parallel' }, [
      service('quick', idle),
      service('slow', { ready: 'manual', startWithin: '5m' }, idle),
      supervisor('edge', [
        service('stuck', { ready: 'manual', startWithin: '5m' }, idle),
        service('behind', idle),
      ]),
    ]);
    const lab = new Lab(app, { bootWithin: '2s' });

    const error = await lab.errorOf(lab.begin());

    const missing = ['app/slow', 'app/edge/stuck', 'app/edge/behind'];
    expect(lab.all('boot-timeout')).toMatchObject([
      { path: 'app', at: 2_000, limitMs: 2_000, paths: missing },
    ]);
    expect(error).toMatchObject({ code: 'DARUMA_BOOT_TIMEOUT', paths: missing });
    expect((error as Error).message).toContain('app/slow, app/edge/stuck, app/edge/behind');
  });

  it('is 60 s by default', async () => {
    const slow = service('slow', { ready: 'manual', startWithin: '5m' }, idle);
    const lab = new Lab(supervisor('app', [slow]));

    await lab.errorOf(lab.begin());

    expect(lab.clock.monotonic()).toBe(60_000);
  });

  it('takes down what has come up, and the system ends with 1', async () => {
    const slow = service('slow', { ready: 'manual', startWithin: '5m' }, idle);
    const lab = new Lab(supervisor('app', [service('first', idle), slow]), { bootWithin: 1_000 });
    await lab.errorOf(lab.begin());

    const report = await lab.stop();

    expect(report).toMatchObject({
      reason: 'start-failed',
      exitCode: 1,
      error: { code: 'DARUMA_BOOT_TIMEOUT' },
    });
    expect(lab.all('ended').map(({ path }) => path)).toEqual(['app/slow', 'app/first', 'app']);
  });

  it('names what did not even stop afterwards', async () => {
    const deafOne = service('deaf', { ready: 'manual', startWithin: '5m' }, deaf);
    const lab = new Lab(supervisor('app', [deafOne]), { bootWithin: '1s' });
    await lab.errorOf(lab.begin());

    const report = await lab.stop();

    expect(report).toMatchObject({ unstopped: ['app/deaf'], exitCode: 1 });
    expect(lab.clock.monotonic()).toBe(6_000);
  });

  it("'infinity' waits", async () => {
    const slow = service('slow', { startWithin: '1d', start: (ctx) => ctx.sleep('2h') });
    const lab = await new Lab(supervisor('app', [slow]), { bootWithin: 'infinity' }).start();

    expect(lab.clock.monotonic()).toBe(7_200_000);
  });
});
