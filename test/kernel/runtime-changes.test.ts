import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { idle, Lab, Puppet } from './lab.ts';

const Url = v.object({ url: v.string(), retries: v.optional(v.number(), 3) });

describe('startChild of a static supervisor', () => {
  it('adds a definition as the last in order, and resolves with its handle when it is ready', async () => {
    const lab = await new Lab(supervisor('app', [service('first', idle)])).start();
    const slow = service('slow', { start: (ctx) => ctx.sleep('2s') });

    const ref = await lab.until(lab.system.ref('app').startChild(slow));

    expect(lab.clock.monotonic()).toBe(2_000);
    expect([ref.path, ref.status()]).toEqual(['app/slow', 'running']);
    expect(
      lab.system
        .ref('app')
        .children()
        .map(({ id }) => id),
    ).toEqual(['first', 'slow']);
    lab.events.length = 0;
    await lab.stop();
    expect(lab.all('ended').map(({ path }) => path)).toEqual(['app/slow', 'app/first', 'app']);
  });

  it('takes its needs from the live tree, and is suspended with them', async () => {
    const puppet = new Puppet();
    const database = service('database', { backoff: { first: '1s', jitter: 'none' } }, puppet.body);
    const lab = await new Lab(supervisor('app', [database])).start();
    const late = service('late', { needs: { database } }, idle);
    await lab.until(lab.system.ref('app').startChild(late));

    puppet.life.fail(new Error('lost'));
    await lab.clock.settle();
    const during = lab.system.find('app/late')?.status();
    await lab.clock.advance(1_000);

    expect(during).toBe('waiting');
    expect(lab.system.find('app/late')?.status()).toBe('running');
  });

  it('can be needed by what is added after it', async () => {
    const seen: unknown[] = [];
    const lab = await new Lab(supervisor('app', [])).start();
    await lab.until(lab.system.ref('app').startChild(service('pool', { start: () => 'pool' })));
    const api = service('api', { needs: { pool: 'app/pool' } }, (ctx) => {
      seen.push(ctx.needs.pool);
      return idle(ctx);
    });

    await lab.until(lab.system.ref('app').startChild(api));

    expect(seen).toEqual(['pool']);
  });

  it('is gone when its supervisor is restarted, and said to be', async () => {
    const lab = await new Lab(
      supervisor('app', [supervisor('edge', [service('a', idle)])]),
    ).start();
    const added = await lab.until(lab.system.ref('app/edge').startChild(service('b', idle)));

    await lab.until(lab.system.ref('app/edge').restart());

    expect(added.status()).toBe('absent');
    expect(lab.log('app/edge').slice(-5)).toEqual([
      'starting app/edge',
      'dropped app/edge/b',
      'starting app/edge/a',
      'ready app/edge/a',
      'ready app/edge',
    ]);
  });

  it('refuses a definition with faults, and leaves nothing behind', async () => {
    const lab = await new Lab(supervisor('app', [])).start();
    const faulty = service('faulty', { needs: { database: 'app/databse' } }, idle);

    const error = await lab.errorOf(lab.system.ref('app').startChild(faulty));

    expect(error).toMatchObject({ code: 'DARUMA_UNKNOWN_NEED', path: 'app/faulty' });
    expect(lab.system.paths()).toEqual(['app']);
    await lab.until(lab.system.ref('app').startChild(service('faulty', idle)));
  });

  it('prints nothing on the console', async () => {
    const printed = (['warn', 'error', 'log'] as const).map((method) => {
      return vi.spyOn(console, method).mockImplementation(() => {});
    });
    const pool = supervisor('pool', { strategy: 'dynamic', template: service('worker', idle) });
    const lab = await new Lab(supervisor('app', [pool])).start();

    await lab.until(lab.system.ref('app').startChild(service('late', idle)));
    await lab.until(lab.system.ref('app/pool').startChild());

    const calls = printed.flatMap((spy) => spy.mock.calls);
    for (const spy of printed) spy.mockRestore();
    expect(calls).toEqual([]);
  });
});

describe('the configuration of what is added', () => {
  it('comes with the call', async () => {
    const puppet = new Puppet();
    const late = service('late', { config: Url, run: puppet.body });
    const lab = await new Lab(supervisor('app', [])).start();

    await lab.until(lab.system.ref('app').startChild(late, { config: { url: 'x' } }));

    expect(puppet.life.ctx.config).toEqual({ url: 'x', retries: 3 });
  });

  it('comes from the environment', async () => {
    const puppet = new Puppet();
    const late = service('late', { config: Url, run: puppet.body });
    const edge = supervisor('edge', []);
    const env: Record<string, string> = {};
    const lab = await new Lab(supervisor('app', [edge]), { env }).start();
    env.DARUMA__app__edge__late__url = 'from env';

    await lab.until(lab.system.ref('app/edge').startChild(late));

    expect(puppet.life.ctx.config).toEqual({ url: 'from env', retries: 3 });
  });

  it('is that of the nearest above without a schema of its own', async () => {
    const puppet = new Puppet();
    const edge = supervisor('edge', { config: Url }, []);
    const lab = new Lab(supervisor('app', [edge]), { config: { 'app/edge': { url: 'edge' } } });
    await lab.start();

    await lab.until(lab.system.ref('app/edge').startChild(service('late', puppet.body)));

    expect(puppet.life.ctx.config).toEqual({ url: 'edge', retries: 3 });
  });

  it('is validated before it starts, and leaves nothing behind', async () => {
    const late = service('late', { config: Url, run: idle });
    const lab = await new Lab(supervisor('app', [])).start();

    const error = await lab.errorOf(lab.system.ref('app').startChild(late, { config: { url: 7 } }));

    expect(error).toMatchObject({
      name: 'DefinitionError',
      code: 'DARUMA_INVALID_CONFIG',
      path: 'app/late',
    });
    expect(lab.system.paths()).toEqual(['app']);
  });
});

describe('removeChild', () => {
  it('forgets a child that is down; one of the same name may come after it', async () => {
    const lab = await new Lab(supervisor('app', [service('feed', idle)])).start();
    const app = lab.system.ref('app');

    await lab.until(app.stopChild('feed'));
    await lab.until(app.removeChild('feed'));
    const between = lab.system.ref('app/feed').status();
    await lab.until(app.startChild(service('feed', idle)));

    expect(between).toBe('absent');
    expect(lab.system.ref('app/feed').status()).toBe('running');
    expect(lab.system.ref('app/feed').incarnation()).toBe(2);
    expect(lab.all('dropped').map(({ path }) => path)).toEqual(['app/feed']);
  });

  it('leaves those waiting that need it', async () => {
    const database = service('database', idle);
    const api = service('api', { needs: { database } }, idle);
    const lab = await new Lab(supervisor('app', [database, api])).start();
    const app = lab.system.ref('app');

    await lab.until(app.stopChild('database'));
    await lab.until(app.removeChild('database'));

    expect(lab.system.ref('app/api').status()).toBe('waiting');
    expect(lab.system.ref('app/api').explain().why).toBe('It needs app/database (absent).');
    await lab.until(app.startChild(database));
    await lab.clock.settle();
    expect(lab.system.ref('app/api').status()).toBe('running');
  });
});

describe('restart', () => {
  it('stops it with its dependants and starts it again, uncharged', async () => {
    const database = service('database', idle);
    const api = service('api', { needs: { database } }, idle);
    const lab = await new Lab(supervisor('app', [database, api])).start();
    lab.events.length = 0;

    await lab.until(lab.system.ref('app/database').restart());
    await lab.clock.settle();

    expect(lab.log().filter((line) => /^(ended|ready)/.test(line))).toEqual([
      'ended app/api',
      'ended app/database',
      'ready app/database',
      'ready app/api',
    ]);
    expect(lab.all('backoff')).toEqual([]);
  });

  it('starts what is down, and what is in backoff at once', async () => {
    const puppet = new Puppet();
    const feed = service('feed', { backoff: { first: '10s', jitter: 'none' } }, puppet.body);
    const lab = await new Lab(supervisor('app', [feed])).start();
    const ref = lab.system.ref('app/feed');
    puppet.life.fail(new Error('lost'));
    await lab.clock.settle();

    await lab.until(ref.restart());
    const fromBackoff = [ref.status(), ref.incarnation(), lab.clock.monotonic()];
    await lab.until(ref.stop());
    await lab.until(ref.restart());

    expect(fromBackoff).toEqual(['running', 2, 0]);
    expect(ref.incarnation()).toBe(3);
  });

  it('twice at once is one restart, and both are told', async () => {
    const slow = service('slow', { start: (ctx) => ctx.sleep(100) });
    const lab = await new Lab(supervisor('app', [slow])).start();
    const ref = lab.system.ref('app/slow');

    await lab.until(Promise.all([ref.restart(), ref.restart()]));

    expect([ref.status(), ref.incarnation()]).toEqual(['running', 2]);
  });

  it('of a supervisor takes all of its subtree down and up', async () => {
    const edge = supervisor('edge', [service('a', idle), service('b', idle)]);
    const lab = await new Lab(supervisor('app', [edge, service('other', idle)])).start();

    await lab.until(lab.system.ref('app/edge').restart());

    expect(lab.system.ref('app/edge/b').incarnation()).toBe(2);
    expect(lab.system.ref('app/other').incarnation()).toBe(1);
  });

  it('rejects when it does not come up, and the child is stopped', async () => {
    const feed = service('feed', {
      start: (ctx) => {
        if (ctx.incarnation > 1) throw new Error('no more');
      },
    });
    const lab = await new Lab(supervisor('app', [feed])).start();

    const error = await lab.errorOf(lab.system.ref('app/feed').restart());

    expect(error).toMatchObject({ code: 'DARUMA_START_FAILED', path: 'app/feed' });
    expect(lab.system.ref('app/feed').status()).toBe('stopped');
    expect(lab.all('backoff')).toEqual([]);
  });

  it('refuses what would be gone once it is down, and leaves it running', async () => {
    const pool = supervisor('pool', { strategy: 'dynamic', template: service('worker', idle) });
    const brief = service('brief', { restart: 'temporary' }, idle);
    const host = service('host', async (ctx) => {
      await ctx.spawn(service('job', idle));
      await idle(ctx);
    });
    const lab = await new Lab(supervisor('app', [pool, brief, host])).start();
    await lab.until(lab.system.ref('app/pool').startChild({ id: 'w' }));

    for (const path of ['app/pool/w', 'app/brief', 'app/host/job']) {
      const error = await lab.errorOf(lab.system.find(path)?.restart() ?? Promise.resolve());

      expect(error).toMatchObject({ code: 'DARUMA_NOT_SUPPORTED', path });
      expect(lab.system.find(path)?.status()).toBe('running');
    }
  });
});

describe('startChild of a dynamic supervisor', () => {
  it('runs the overrides of each call, also after one that was refused', async () => {
    const seen: unknown[] = [];
    const worker = service('worker', { input: 0 }, (ctx) => {
      seen.push([ctx.path, ctx.input]);
      return idle(ctx);
    });
    const pool = supervisor('pool', { strategy: 'dynamic', template: worker, maxChildren: 1 });
    const lab = await new Lab(supervisor('app', [pool])).start();
    const ref = lab.system.ref('app/pool');

    await lab.until(ref.startChild({ id: 'x', input: 1 }));
    const refused = await lab.errorOf(ref.startChild({ id: 'y', input: 2 }));
    await lab.until(ref.stopChild('x'));
    await lab.until(ref.startChild({ id: 'y', input: 3 }));

    expect(refused).toMatchObject({ code: 'DARUMA_TOO_MANY_CHILDREN' });
    expect(seen).toEqual([
      ['app/pool/x', 1],
      ['app/pool/y', 3],
    ]);
  });

  it('numbers children without an id, past those that are taken', async () => {
    const pool = supervisor('pool', { strategy: 'dynamic', template: service('worker', idle) });
    const lab = await new Lab(supervisor('app', [pool])).start();
    const ref = lab.system.ref('app/pool');
    await lab.until(ref.startChild({ id: '2' }));

    const refs = await lab.until(Promise.all([ref.startChild(), ref.startChild()]));

    expect(refs.map(({ path }) => path)).toEqual(['app/pool/1', 'app/pool/3']);
  });

  it('refuses overrides with faults', async () => {
    const pool = supervisor('pool', { strategy: 'dynamic', template: service('worker', idle) });
    const lab = await new Lab(supervisor('app', [pool])).start();

    const error = await lab.errorOf(
      lab.system.ref('app/pool').startChild({ id: 'a b', stopWithin: 'soon' }),
    );

    expect(error).toMatchObject({
      faults: [{ code: 'DARUMA_INVALID_NAME' }, { code: 'DARUMA_INVALID_STOP_WITHIN' }],
    });
    expect(lab.system.ref('app/pool').count().workers).toBe(0);
  });
});
