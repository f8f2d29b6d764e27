import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type Context, type Spawned, service, supervisor } from '../../src/index.ts';
import { deaf, failureOf, idle, Lab, Puppet } from './lab.ts';

/** A service that only holds the context for a test to spawn with. */
async function parent(options: { stopWithin?: '1s' } = {}) {
  const puppet = new Puppet();
  const feed = service(
    'feed',
    { backoff: { first: '1s', jitter: 'none' }, ...options },
    puppet.body,
  );
  const lab = await new Lab(supervisor('app', [feed, service('sibling', idle)])).start();
  const spawn = (...args: Parameters<Context['spawn']>): Promise<Spawned> => {
    return lab.until(puppet.life.ctx.spawn(...args));
  };
  return { lab, puppet, spawn, ctx: puppet.life.ctx };
}

describe('ctx.spawn', () => {
  it('starts a child below the service, and resolves when it is ready', async () => {
    const { lab, ctx } = await parent();
    const slow = service('slow', { start: (own) => own.sleep('2s') });
    const spawning = ctx.spawn(slow);
    await lab.clock.advance(1_999);
    const before = lab.system.find('app/feed/slow')?.status();

    const child = await lab.until(spawning);

    expect(before).toBe('starting');
    expect(child).toMatchObject({ id: 'slow', path: 'app/feed/slow' });
    expect(lab.system.find('app/feed/slow')?.status()).toBe('running');
    expect(lab.system.paths()).toEqual(['app', 'app/feed', 'app/sibling', 'app/feed/slow']);
  });

  it('names the child after its definition, the second of a name with a number', async () => {
    const { lab, ctx, spawn } = await parent();
    const job = service('job', idle);

    const first = await spawn(job);
    const more = await lab.until(Promise.all([ctx.spawn(job), ctx.spawn(job)]));
    const named = await spawn(job, { id: 'mine' });

    const ids = [first, ...more, named].map(({ id }) => id);
    expect(ids).toEqual(['job', 'job-1', 'job-2', 'mine']);
  });

  it('never picks an id that is taken', async () => {
    const { spawn } = await parent();
    const job = service('job', idle);
    await spawn(job, { id: 'job-1' });

    const ids = [(await spawn(job)).id, (await spawn(job)).id];

    expect(ids).toEqual(['job', 'job-2']);
  });

  it('rejects an id that is taken, and a definition with faults', async () => {
    const { lab, ctx, spawn } = await parent();
    await spawn(service('job', idle), { id: 'mine' });

    const taken = await lab.errorOf(ctx.spawn(service('job', idle), { id: 'mine' }));
    const faulty = await lab.errorOf(ctx.spawn(service('job', { mailbox: 0, run: idle })));

    expect(taken).toMatchObject({ code: 'DARUMA_ALREADY_STARTED', path: 'app/feed/mine' });
    expect(faulty).toMatchObject({ name: 'DefinitionError', path: 'app/feed/job' });
  });

  it('rejects when the child does not come up, and leaves nothing behind', async () => {
    const { lab, ctx } = await parent();
    const broken = service('broken', {
      start: () => {
        throw new Error('no');
      },
    });

    const error = await lab.errorOf(ctx.spawn(broken));

    expect(error).toMatchObject({ code: 'DARUMA_START_FAILED', path: 'app/feed/broken' });
    expect(lab.system.find('app/feed/broken')).toBeUndefined();
    expect(lab.system.ref('app/feed').status()).toBe('running');
    expect(lab.all('backoff')).toEqual([]);
  });

  it('gives the child its input and its configuration', async () => {
    const { spawn } = await parent();
    const seen: unknown[] = [];
    const Url = v.object({ url: v.string(), retries: v.optional(v.number(), 3) });
    const job = service('job', { input: { shard: 0 }, config: Url }, (ctx) => {
      seen.push(ctx.input, ctx.config);
      return idle(ctx);
    });

    await spawn(job, { input: { shard: 7 }, config: { url: 'x' } });

    expect(seen).toEqual([{ shard: 7 }, { url: 'x', retries: 3 }]);
  });

  it('rejects when the service stops before the child is ready', async () => {
    const { lab, ctx } = await parent();
    const failure = failureOf(ctx.spawn(service('slow', { ready: 'manual' }, idle)));
    await lab.clock.settle();

    await lab.until(lab.system.ref('app/feed').stop());

    expect(await failure).toMatchObject({ code: 'DARUMA_STOPPED', path: 'app/feed/slow' });
  });

  it('takes a supervisor too', async () => {
    const { lab, spawn } = await parent();

    await spawn(supervisor('crew', [service('a', idle), service('b', idle)]));

    expect(lab.system.find('app/feed/crew/b')?.status()).toBe('running');
  });
});

describe('a spawned child', () => {
  it('is transient: restarted after an error, forgotten after a normal end', async () => {
    const { lab, spawn } = await parent();
    const work = new Puppet();
    await spawn(service('job', { backoff: { first: 0 } }, work.body));

    work.life.fail(new Error('once'));
    await lab.clock.settle();
    const afterError = lab.system.find('app/feed/job');
    const incarnation = afterError?.incarnation();
    work.life.finish();
    await lab.clock.settle();

    expect(incarnation).toBe(2);
    expect(lab.system.find('app/feed/job')).toBeUndefined();
    expect(lab.system.ref('app/feed').incarnation()).toBe(1);
  });

  it('is of the restart type that its options say', async () => {
    const { lab, spawn } = await parent();
    const work = new Puppet();
    await spawn(service('job', { restart: 'temporary' }, work.body));

    work.life.fail(new Error('once'));
    await lab.clock.settle();

    expect(lab.system.find('app/feed/job')).toBeUndefined();
  });

  it('stops with the service, before its defers run', async () => {
    const steps: string[] = [];
    const job = service('job', async (ctx) => {
      await idle(ctx);
      await lab.wait(1_000);
      steps.push('child is down');
    });
    const feed = service('feed', async (ctx) => {
      ctx.defer(() => steps.push('defer'));
      await ctx.spawn(job);
      await idle(ctx);
      steps.push('body is over');
    });
    const lab = new Lab(supervisor('app', [feed]));
    await lab.start();

    await lab.stop();

    expect(steps).toEqual(['body is over', 'child is down', 'defer']);
    expect(lab.log('app/feed/job').slice(-3)).toEqual([
      'stop-requested app/feed/job',
      'ended app/feed/job',
      'dropped app/feed/job',
    ]);
  });

  it.each(['crash', 'return'])(
    'stops when the service ends by a %s, which then comes back',
    async (how) => {
      const { lab, puppet, spawn } = await parent();
      await spawn(service('job', idle));

      if (how === 'crash') puppet.life.fail(new Error('crash'));
      else puppet.life.finish();
      await lab.clock.settle();

      expect(lab.log('app/feed/job').slice(-2)).toEqual([
        'ended app/feed/job',
        'dropped app/feed/job',
      ]);
      await lab.clock.advance(1_000);
      expect(lab.system.ref('app/feed').incarnation()).toBe(2);
      expect(lab.system.find('app/feed/job')).toBeUndefined();
    },
  );

  it('may need others, and is suspended with them alone', async () => {
    const { lab, spawn } = await parent();

    await spawn(service('job', { needs: { sibling: 'app/sibling' } }, idle));
    await lab.until(lab.system.ref('app/sibling').stop());
    const during = lab.system.find('app/feed/job')?.status();
    await lab.until(lab.system.ref('app/sibling').start());
    await lab.clock.settle();

    expect(during).toBe('waiting');
    expect(lab.system.find('app/feed/job')?.incarnation()).toBe(2);
    expect(lab.system.ref('app/feed').incarnation()).toBe(1);
  });

  it('may spawn children of its own, which go down before it', async () => {
    const job = service('job', async (ctx) => {
      await ctx.spawn(service('sub', idle));
      await idle(ctx);
    });
    const { lab, spawn } = await parent();
    await spawn(job);
    lab.events.length = 0;

    await lab.until(lab.system.ref('app/feed').stop());

    expect(lab.all('ended').map(({ path }) => path)).toEqual([
      'app/feed/job/sub',
      'app/feed/job',
      'app/feed',
    ]);
  });

  it('that fails beyond its budget fails the service', async () => {
    const { lab, spawn } = await parent();
    const work = new Puppet();
    await spawn(service('job', { backoff: { first: 0 } }, work.body));

    for (let failures = 0; failures <= 20; failures++) {
      work.life.fail(new Error('again and again'));
      await lab.clock.settle();
    }

    expect(lab.all('ended').find(({ path }) => path === 'app/feed')).toMatchObject({
      reason: 'error',
      error: {
        code: 'DARUMA_RESTART_LIMIT',
        message: expect.stringContaining('app/feed/job failed again'),
      },
    });
    expect(lab.system.ref('app/feed').status()).toBe('backoff');
    expect(lab.system.ref('app/sibling').incarnation()).toBe(1);
  });

  it('is cut off with a service that is brutal', async () => {
    const contexts: Context[] = [];
    const job = service('job', { stopWithin: 'infinity' }, (ctx) => {
      contexts.push(ctx);
      return deaf();
    });
    const brute = service('brute', { stopWithin: 'brutal' }, async (ctx) => {
      await ctx.spawn(job);
      await idle(ctx);
    });
    const lab = await new Lab(supervisor('app', [brute])).start();

    await lab.stop();

    expect(lab.clock.monotonic()).toBe(0);
    expect(lab.system.find('app/brute/job')).toBeUndefined();
    expect(() => contexts[0]?.health('unhealthy')).toThrow(
      expect.objectContaining({ code: 'DARUMA_STALE_INCARNATION' }),
    );
  });

  it('is refused while a supervisor above goes down because it failed to start', async () => {
    const host = new Puppet();
    const broken = service('broken', {
      start: async (ctx) => {
        await ctx.sleep(50);
        throw new Error('no');
      },
    });
    const group = supervisor('group', [
      service('host', host.body),
      // Asked first, so that the host runs on for a while.
      service('stubborn', { stopWithin: '1s' }, deaf),
      broken,
    ]);
    const lab = new Lab(supervisor('app', [group]));
    void lab.begin();
    await lab.clock.advance(100);

    const refusal = await lab.errorOf(host.life.ctx.spawn(service('helper', idle)));

    expect(refusal).toMatchObject({ code: 'DARUMA_NOT_RUNNING' });
    await lab.clock.advance(2_000);
    expect(lab.log('app/group/host/helper')).toEqual([]);
  });

  it('is unstopped and fenced off with a service that is abandoned', async () => {
    const contexts: Context[] = [];
    const job = service('job', { stopWithin: 'infinity' }, (ctx) => {
      contexts.push(ctx);
      return deaf();
    });
    const puppet = new Puppet();
    const feed = service('feed', { stopWithin: '1s', backoff: { first: 0 } }, async (ctx) => {
      await ctx.spawn(job);
      await puppet.body(ctx);
    });
    const lab = await new Lab(supervisor('app', [feed])).start();

    puppet.life.fail(new Error('crash'));
    await lab.clock.advance(2_000);

    expect(
      lab
        .all('unstopped')
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['app/feed', 'app/feed/job']);
    expect(lab.system.find('app/feed/job')?.incarnation()).toBe(2);
    expect(() => contexts[0]?.health('unhealthy')).toThrow(
      expect.objectContaining({ code: 'DARUMA_STALE_INCARNATION' }),
    );
  });

  it('is told to be gone with a service that is abandoned', async () => {
    const { lab, puppet, spawn } = await parent({ stopWithin: '1s' });
    await spawn(service('job', { stopWithin: 'infinity' }, deaf));

    puppet.life.fail(new Error('crash'));
    await lab.clock.advance(1_000);

    expect(lab.log('app/feed').slice(-5)).toEqual([
      'unstopped app/feed/job',
      'dropped app/feed/job',
      'unstopped app/feed',
      'late app/feed',
      'backoff app/feed',
    ]);
  });
});

describe('Spawned.stop', () => {
  it('resolves when the child is down, and is fine when it is down already', async () => {
    const { lab, spawn } = await parent();
    const child = await spawn(
      service('job', async (ctx) => {
        await idle(ctx);
        await lab.wait(1_000);
      }),
    );

    await lab.until(Promise.all([child.stop(), child.stop()]));
    const at = lab.clock.monotonic();
    await lab.until(child.stop());

    expect(at).toBe(1_000);
    expect(lab.system.find('app/feed/job')).toBeUndefined();
  });

  it('is fine when the child has returned, and after the end of the service', async () => {
    const { lab, puppet, spawn } = await parent();
    const work = new Puppet();
    const returned = await spawn(service('job', work.body));
    const other = await spawn(service('other', idle));

    work.life.finish();
    await lab.clock.settle();
    await lab.until(returned.stop());
    puppet.life.finish();
    await lab.clock.settle();
    await lab.until(other.stop());

    expect(lab.all('listener-failed')).toEqual([]);
  });

  it('stops this child only, not a later one of the same id', async () => {
    const { lab, spawn } = await parent();
    const work = new Puppet();
    const first = await spawn(service('job', work.body));
    work.life.finish();
    await lab.clock.settle();
    await spawn(service('job', work.body));

    await lab.until(first.stop());

    expect(lab.system.find('app/feed/job')?.status()).toBe('running');
  });
});
