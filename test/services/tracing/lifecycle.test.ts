import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Context, service, supervisor } from '../../../src/index.ts';
import { Lab, Puppet } from '../../kernel/lab.ts';
import { Spans } from './spans.ts';

let spans: Spans;

beforeEach(() => {
  spans = new Spans().register();
});

afterEach(() => Spans.unregister());

const idle = async (ctx: Context) => {
  await ctx.sleep('1h');
};

describe('the span of a start', () => {
  it('lasts until it is ready, below that of its supervisor', async () => {
    const database = service('database', { start: (ctx) => ctx.sleep('2s') });
    const lab = await new Lab(supervisor('app', [database, service('feed', idle)])).start();

    expect(spans.lines).toEqual([
      'start app',
      'start app > start app/database',
      'start app > start app/feed',
    ]);
    expect(spans.open).toEqual([]);
    const { attributes, startTime, endTime } = spans.one('start app/database');
    expect(attributes).toEqual({
      'daruma.path': 'app/database',
      'daruma.incarnation': 1,
      'daruma.attempt': 0,
      'daruma.outcome': 'ready',
    });
    expect(Number(endTime) - Number(startTime)).toBe(2_000);
    await lab.stop();
  });

  it('is around its hook, and not around what the hook leaves running', async () => {
    const work = (name: string) => spans.make(name, () => {});
    const server = service('server', {
      start: async (ctx) => {
        work('bind');
        await ctx.sleep(10);
        work('listen');
        // As a server does with what comes in.
        void ctx.sleep(1_000).then(() => work('request'));
      },
      run: async (ctx) => {
        work('serve');
        await idle(ctx);
      },
    });
    const lab = await new Lab(supervisor('app', [server])).start();
    await lab.clock.advance(2_000);

    expect(spans.lines.slice(2)).toEqual([
      'start app > start app/server > bind',
      'start app > start app/server > listen',
      'serve',
      'request',
    ]);
    await lab.stop();
  });

  it('is around a body that says itself when it is ready, until it does', async () => {
    const feed = service('feed', { ready: 'manual' }, async (ctx) => {
      spans.make('connect', () => {});
      ctx.ready();
      await ctx.sleep(1);
      spans.make('poll', () => {});
      await idle(ctx);
    });
    const lab = await new Lab(supervisor('app', [feed])).start();
    await lab.clock.advance(5);

    expect(spans.lines.slice(2)).toEqual(['start app > start app/feed > connect', 'poll']);
    await lab.stop();
  });

  it('is not around the body, nor is anything else', async () => {
    const feed = service('feed', async (ctx) => {
      spans.make('poll', () => {});
      await idle(ctx);
    });
    const lab = new Lab(supervisor('app', [feed]));
    await spans.make('boot', () => lab.start());

    expect(spans.lines).toEqual(['boot', 'start app', 'start app > start app/feed', 'poll']);
    await lab.stop();
  });

  it('records why it failed', async () => {
    const broken = service('broken', {
      start: () => {
        throw Object.assign(new Error('no route'), { code: 'ENOROUTE' });
      },
    });
    const lab = new Lab(supervisor('app', [broken]));
    await lab.errorOf(lab.begin());

    const span = spans.one('start app/broken');
    expect(span.errors).toEqual(['no route']);
    expect(span.status).toEqual({ code: 2, message: 'no route' });
    expect(span.attributes).toMatchObject({ 'daruma.outcome': 'failed', 'error.type': 'ENOROUTE' });
    expect(spans.named('stop app/broken')).toEqual([]);
    expect(spans.open).toEqual([]);
  });
});

describe('the span of a stop', () => {
  it('lasts until the cleanup is over, around all of it', async () => {
    const feed = service('feed', {
      start: (ctx) => {
        ctx.defer(() => spans.make('close', () => {}));
      },
      stop: () => spans.make('flush', () => {}),
    });
    const slow = service('slow', { start: (ctx) => ctx.defer(() => lab.wait(300)) });
    const lab: Lab<ReturnType<typeof supervisor>> = new Lab(supervisor('app', [feed, slow]));
    await lab.start();
    spans.all.length = 0;
    await lab.stop();

    expect(spans.lines).toEqual([
      'stop app',
      'stop app > stop app/slow',
      'stop app > stop app/feed',
      'stop app > stop app/feed > flush',
      'stop app > stop app/feed > close',
    ]);
    const { outcome, startTime, endTime } = spans.one('stop app/slow');
    expect([outcome, Number(endTime) - Number(startTime)]).toEqual(['shutdown', 300]);
    expect(spans.open).toEqual([]);
  });

  it('takes no time where it ended by itself, and records why', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(supervisor('app', [service('feed', puppet.body)])).start();

    puppet.life.fail(new Error('lost the connection'));
    await lab.clock.settle();

    const { errors, outcome, line, startTime, endTime } = spans.one('stop app/feed');
    expect([line, outcome, errors]).toEqual(['stop app/feed', 'error', ['lost the connection']]);
    expect(endTime).toEqual(startTime);
    await lab.stop();
  });

  it('is an error where the limit passed', async () => {
    const stuck = service('stuck', { stopWithin: '1s' }, () => new Promise(() => {}));
    const lab = await new Lab(supervisor('app', [stuck])).start();
    await lab.stop();

    const { outcome, errors } = spans.one('stop app/stuck');
    expect([outcome, errors]).toEqual(['unstopped', ['It did not end within 1000 ms.']]);
    expect(spans.open).toEqual([]);
  });
});

describe('the incarnations of a restarted service', () => {
  it('have spans of their own, in traces of their own', async () => {
    const puppet = new Puppet();
    const lab = await new Lab(supervisor('app', [service('feed', puppet.body)])).start();
    spans.make('request', () => puppet.life.fail(new Error('lost')));
    await lab.clock.advance(60_000);

    const [first, second] = spans.named('start app/feed');
    expect(first?.line).toBe('start app > start app/feed');
    expect(second?.line).toBe('start app/feed');
    expect(second?.attributes).toMatchObject({ 'daruma.incarnation': 2, 'daruma.attempt': 1 });
    await lab.stop();
  });
});

describe('tracing', () => {
  it('has the SDK send everything before the system has stopped', async () => {
    const lab = await new Lab(supervisor('app', [service('feed', idle)])).start();
    await lab.stop();

    expect(spans.flushedWith).toEqual([[]]);
    expect(spans.named('stop app')).toHaveLength(1);
  });

  it('makes no spans of starts and stops where nobody wants them', async () => {
    const tree = () => supervisor('app', [service('feed', idle)]);
    for (const tracing of [{ lifecycle: false }, { openTelemetry: false }]) {
      const lab = await new Lab(tree(), { tracing }).start();
      await lab.stop();
    }

    expect(spans.all).toEqual([]);
  });

  it('changes nothing of what happens', async () => {
    const story = async (tracing: { openTelemetry: boolean }) => {
      const puppet = new Puppet();
      const lab = await new Lab(supervisor('app', [service('feed', puppet.body)]), {
        tracing,
      }).start();
      puppet.life.fail(new Error('lost'));
      await lab.clock.advance(60_000);
      await lab.stop();
      return lab.events.map(({ type, path, at, seq }) => [seq, at, type, path]);
    };

    expect(await story({ openTelemetry: true })).toEqual(await story({ openTelemetry: false }));
    expect(spans.all.length).toBeGreaterThan(0);
  });
});
