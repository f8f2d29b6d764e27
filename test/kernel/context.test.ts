import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Context, isDarumaError, service, supervisor } from '../../src/index.ts';
import { idle, Lab, Puppet } from './lab.ts';

describe('ctx', () => {
  it('says which incarnation of what it is for', async () => {
    const puppet = new Puppet();
    const feed = service('feed', { backoff: { first: 0 } }, puppet.body);
    const lab = await new Lab(supervisor('app', [supervisor('edge', [feed])])).start();

    puppet.life.fail(new Error('once'));
    await lab.clock.settle();

    const seen = puppet.lives.map(({ ctx: { path, incarnation, attempt } }) => {
      return { path, incarnation, attempt };
    });
    expect(seen).toEqual([
      { path: 'app/edge/feed', incarnation: 1, attempt: 0 },
      { path: 'app/edge/feed', incarnation: 2, attempt: 1 },
    ]);
  });

  it('is the same object for the hooks, the body and the receivers of an incarnation', async () => {
    const seen: unknown[] = [];
    const feed = service('feed', {
      start: (ctx) => seen.push(ctx),
      run: async (ctx) => {
        seen.push(ctx);
        await idle(ctx);
      },
      stop: (ctx) => seen.push(ctx),
      drain: (ctx) => seen.push(ctx),
      receive: { ping: (_payload: undefined, ctx) => void seen.push(ctx) },
    });
    const lab = await new Lab(supervisor('app', [feed])).start();
    lab.system.ref('app/feed').send('ping');
    await lab.clock.settle();

    await lab.stop();

    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(1);
  });

  it('tells the time of the clock, and sleeps on it', async () => {
    const seen: number[] = [];
    const feed = service('feed', async (ctx) => {
      for (const duration of [250, '1.5s', '2m'] as const) {
        await ctx.sleep(duration);
        seen.push(ctx.now() - Date.UTC(2026, 0, 1));
      }
      await idle(ctx);
    });
    const lab = await new Lab(supervisor('app', [feed])).start();

    await lab.clock.advance(200_000);

    expect(seen).toEqual([250, 1_750, 121_750]);
  });

  it('draws from the seed of the system', async () => {
    const numbersOf = async (seed: number) => {
      const puppet = new Puppet();
      const lab = new Lab(supervisor('app', [service('feed', puppet.body)]), { seed });
      await lab.start();
      return [1, 2, 3].map(() => puppet.life.ctx.random());
    };

    const [first, again, other] = [await numbersOf(7), await numbersOf(7), await numbersOf(8)];

    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    expect([...first, ...other].every((number) => number >= 0 && number < 1)).toBe(true);
  });

  it('logs with the path and the incarnation', async () => {
    const stream = new PassThrough();
    const feed = service('feed', async (ctx) => {
      ctx.log.info({ rows: 3 }, 'read');
      await idle(ctx);
    });
    const logger = pino({ level: 'info' }, stream);
    await new Lab(supervisor('app', [feed]), { logger }).start();

    if (stream.readableLength === 0) await once(stream, 'readable');
    const lines = String(stream.read()).trim().split('\n');
    const own = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'read');

    expect(own).toMatchObject({ actor: 'app/feed', incarnation: 1, rows: 3 });
  });

  it('has the input that a dynamic child was started with, or that of the template', async () => {
    const puppet = new Puppet<Context<unknown, unknown, undefined, { shard: number }>>();
    const worker = service('worker', { input: { shard: 0 } }, puppet.body);
    const pool = supervisor('pool', { strategy: 'dynamic', template: worker });
    const lab = await new Lab(supervisor('app', [pool])).start();

    await lab.until(lab.system.ref('app/pool').startChild({ id: 'a', input: { shard: 7 } }));
    await lab.until(lab.system.ref('app/pool').startChild({ id: 'b' }));

    expect(puppet.lives.map(({ ctx }) => ctx.input)).toEqual([{ shard: 7 }, { shard: 0 }]);
    expectTypeOf(puppet.life.ctx.input).toEqualTypeOf<{ shard: number }>();
  });
});

describe('ctx.config', () => {
  const Url = v.object({ url: v.string(), retries: v.optional(v.number(), 3) });

  it('is what the own schema makes of the values, typed', async () => {
    const seen: unknown[] = [];
    const feed = service('feed', { config: Url }, async (ctx) => {
      expectTypeOf(ctx.config).toEqualTypeOf<{ url: string; retries: number }>();
      seen.push(ctx.config);
      await idle(ctx);
    });
    const lab = new Lab(supervisor('app', [feed]), { config: { 'app/feed': { url: 'x' } } });

    await lab.start();

    expect(seen).toEqual([{ url: 'x', retries: 3 }]);
  });

  it('is that of the nearest supervisor above without an own schema, and undefined without any', async () => {
    const seen: Record<string, unknown> = {};
    const note = (name: string) =>
      service(name, async (ctx) => {
        seen[ctx.path] = ctx.config;
        await idle(ctx);
      });
    const edge = supervisor('edge', { config: Url }, [
      note('feed'),
      supervisor('deep', [note('probe')]),
    ]);
    const lab = new Lab(supervisor('app', [edge, note('other')]), {
      config: { 'app/edge': { url: 'edge' } },
    });

    await lab.start();

    expect(seen).toEqual({
      'app/edge/feed': { url: 'edge', retries: 3 },
      'app/edge/deep/probe': { url: 'edge', retries: 3 },
      'app/other': undefined,
    });
  });

  it('is that of the template for every dynamic child', async () => {
    const puppet = new Puppet();
    const worker = service('worker', { config: Url, run: puppet.body });
    const pool = supervisor('pool', { strategy: 'dynamic', template: worker });
    const lab = new Lab(supervisor('app', [pool]), { config: { 'app/pool/*': { url: 'all' } } });
    await lab.start();

    await lab.until(lab.system.ref('app/pool').startChild({ id: 'a' }));
    await lab.until(lab.system.ref('app/pool').startChild());

    const expected = { url: 'all', retries: 3 };
    expect(puppet.lives.map(({ ctx }) => ctx.config)).toEqual([expected, expected]);
  });

  it('is validated before anything starts, every fault named', async () => {
    const feed = service('feed', { config: Url }, idle);
    const mail = service('mail', { config: Url }, idle);
    const lab = new Lab(supervisor('app', [feed, mail]), { config: { 'app/feed': { url: 1 } } });

    const error = await lab.errorOf(lab.begin());

    expect(error).toMatchObject({
      name: 'DefinitionError',
      code: 'DARUMA_INVALID_CONFIG',
      faults: [{ path: 'app/feed' }, { path: 'app/mail' }],
    });
    expect(lab.log()).toEqual([]);
  });
});

describe('ctx.sleep', () => {
  it("rejects with the signal's reason as soon as the signal is cancelled", async () => {
    const caught: unknown[] = [];
    const feed = service('feed', async (ctx) => {
      await ctx.sleep('1h').catch((error) => caught.push(error));
      caught.push(ctx.signal.reason);
    });
    const lab = await new Lab(supervisor('app', [feed])).start();

    await lab.stop();

    const [error, reason] = caught;
    expect(error).toBe(reason);
    expect(isDarumaError(error)).toBe(true);
    expect(error).toMatchObject({ name: 'AbortError', code: 'DARUMA_CANCELLED', path: 'app/feed' });
    expect(lab.clock.monotonic()).toBe(0);
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('rejects at once when the signal was cancelled before', async () => {
    const caught: unknown[] = [];
    const feed = service('feed', async (ctx) => {
      await idle(ctx);
      await ctx.sleep(1).catch((error) => caught.push(error.code));
    });
    const lab = await new Lab(supervisor('app', [feed])).start();

    await lab.stop();

    expect(caught).toEqual(['DARUMA_CANCELLED']);
    expect(lab.clock.monotonic()).toBe(0);
  });

  it('refuses what is not a duration', async () => {
    const feed = service('feed', { restart: 'temporary' }, (ctx) => ctx.sleep('5 s' as '5s'));
    const lab = await new Lab(supervisor('app', [feed])).start();

    expect(lab.all('ended')[0]).toMatchObject({ error: { code: 'DARUMA_INVALID_DURATION' } });
  });
});

describe('ctx.signal', () => {
  it('is one for each incarnation, cancelled when that is over', async () => {
    const puppet = new Puppet();
    const lab = new Lab(
      supervisor('app', [service('feed', { backoff: { first: 0 } }, puppet.body)]),
    );
    await lab.start();

    puppet.life.fail(new Error('once'));
    await lab.clock.settle();

    const [old, fresh] = puppet.lives.map(({ ctx }) => ctx.signal);
    expect(old).not.toBe(fresh);
    expect(old).toMatchObject({ aborted: true, reason: { code: 'DARUMA_CANCELLED' } });
    expect(fresh?.aborted).toBe(false);
  });

  it('is cancelled also when it is looked at for the first time afterwards', async () => {
    let kept: Context | undefined;
    const once = service('once', { restart: 'transient' }, (ctx) => {
      kept = ctx;
    });
    await new Lab(supervisor('app', [once])).start();

    expect(kept?.signal.aborted).toBe(true);
  });
});
