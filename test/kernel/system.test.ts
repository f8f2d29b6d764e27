import { pino } from 'pino';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  createSystem,
  type ServiceRef,
  type SupervisorRef,
  service,
  supervisor,
} from '../../src/index.ts';
import { idle, Lab } from './lab.ts';

describe('createSystem', () => {
  it('checks the whole definition and starts nothing', () => {
    let calls = 0;
    const start = () => calls++;
    const good = service('good', { start });
    const cyclic = service('a', { needs: { b: 'app/b' }, start });
    const other = service('b', { needs: { a: 'app/a' }, start });

    expect(() => createSystem(supervisor('app', [good, good]))).toThrow(
      expect.objectContaining({ code: 'DARUMA_DUPLICATE_ID' }),
    );
    expect(() => createSystem(supervisor('app', { start: 'parallel' }, [cyclic, other]))).toThrow(
      expect.objectContaining({ code: 'DARUMA_NEEDS_CYCLE', paths: ['app/a', 'app/b'] }),
    );
    expect(calls).toBe(0);
  });

  it('warns of a tree that cannot stop within its grace period', () => {
    const slow = service('slow', { stopWithin: '1m' }, idle);

    const { system } = new Lab(supervisor('app', [slow]), { grace: '10s' });

    expect(system.warnings).toMatchObject([
      { code: 'DARUMA_INVALID_STOP_WITHIN', path: 'app', message: expect.stringContaining('1m') },
    ]);
  });

  it('draws a seed that repeats the run, unless it is given one', () => {
    const app = supervisor('app', []);
    const options = { logger: pino({ level: 'silent' }) };

    expect(createSystem(app, { ...options, seed: 7 }).seed).toBe(7);
    expect(createSystem(app, options).seed).not.toBe(createSystem(app, options).seed);
  });
});

describe('a system', () => {
  it('starts once: start resolves with the system, for everybody who asks', async () => {
    const lab = new Lab(supervisor('app', [service('feed', idle)]));

    const [first, second] = await lab.until(Promise.all([lab.begin(), lab.begin()]));
    const third = await lab.system.start();

    expect(first).toBe(lab.system);
    expect([second, third]).toEqual([first, first]);
    expect(lab.system.ref('app/feed').incarnation()).toBe(1);
  });

  it('stops at the end of an await using block', async () => {
    const stopped: string[] = [];
    const feed = service('feed', { start: () => {}, stop: () => stopped.push('feed') });

    {
      const options = { logger: pino({ level: 'silent' }), env: {} };
      await using system = await createSystem(supervisor('app', [feed]), options).start();
      expect(system.phase).toBe('running');
    }

    expect(stopped).toEqual(['feed']);
  });

  it('does not disturb another one of the same definition', async () => {
    const feed = service('feed', { start: (ctx) => ({ at: ctx.now() }) });
    const app = supervisor('app', [feed]);
    const [one, other] = [await new Lab(app).start(), await new Lab(app).start()];

    await one.stop();

    expect(other.system.ref('app/feed').status()).toBe('running');
    expect(one.system.value(feed)).toBeUndefined();
    expect(other.system.value(feed)).toEqual({ at: Date.UTC(2026, 0, 1) });
  });

  it('gives handles by path that stay good, typed by what is there', async () => {
    const feed = service('feed', { start: () => 7 });
    const lab = await new Lab(supervisor('app', [supervisor('edge', [feed])])).start();
    const ref = lab.system.ref('app/edge/feed');
    expectTypeOf(ref).toEqualTypeOf<ServiceRef<typeof feed>>();
    expectTypeOf(lab.system.ref('app/edge')).toExtend<SupervisorRef>();
    // @ts-expect-error there is no such path
    expect(() => lab.system.ref('app/edge/fed')).toThrow();

    await lab.until(lab.system.ref('app/edge').restart());

    expect(ref.value()).toBe(7);
    expect(ref.incarnation()).toBe(2);
  });

  it('finds places whose path is only known at run time', async () => {
    const pool = supervisor('pool', { strategy: 'dynamic', template: service('worker', idle) });
    const lab = await new Lab(supervisor('app', [pool])).start();
    await lab.until(lab.system.ref('app/pool').startChild({ id: 'w' }));

    expect(lab.system.find('app/pool/w')?.status()).toBe('running');
    expect(lab.system.find('app/pool/x')).toBeUndefined();
    expect(lab.system.ref('app/pool/x').status()).toBe('absent');
    expect(lab.system.ref('app/pool/x').incarnation()).toBe(0);
    expect(lab.system.paths()).toEqual(['app', 'app/pool', 'app/pool/w']);
  });

  it('has every place before its start, all of them down', () => {
    const lab = new Lab(supervisor('app', [supervisor('edge', [service('feed', idle)])]));

    expect(lab.system.paths()).toEqual(['app', 'app/edge', 'app/edge/feed']);
    expect(lab.system.ref('app/edge/feed').status()).toBe('stopped');
    expect(lab.system.ref('app').count()).toEqual({
      specs: 1,
      active: 0,
      supervisors: 1,
      workers: 0,
    });
    expect(lab.system.path).toBe('app');
  });

  it('says how long its parts may take to start and to stop', () => {
    const lab = new Lab(
      supervisor('app', [
        service('a', { stopWithin: '2s', startWithin: '1s' }, idle),
        service('b', { stopWithin: '3s', startWithin: '4s' }, idle),
      ]),
    );

    expect(lab.system.ref('app').worstCaseStop()).toBe(5_000);
    expect(lab.system.ref('app').worstCaseStart()).toBe(5_000);
  });

  it('keeps the value of a one-shot that has done its work', async () => {
    const once = service('once', { restart: 'transient', start: () => 'done', run: () => {} });
    const lab = await new Lab(supervisor('app', [once])).start();

    expect(lab.system.ref('app/once').status()).toBe('stopped');
    expect(lab.system.value(once)).toBe('done');
  });

  it('leaves no timer behind when it has stopped', async () => {
    const busy = service('busy', { watchdog: '1s' }, async (ctx) => {
      for (;;) {
        ctx.beat();
        await ctx.sleep(100);
      }
    });
    const lab = await new Lab(supervisor('app', [busy])).start();

    await lab.stop();

    expect(lab.clock.pendingTimers).toBe(0);
  });
});
