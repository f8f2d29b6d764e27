import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Context, service, supervisor } from '../../src/index.ts';
import { failureOf, idle, Lab, Puppet } from './lab.ts';

const counter = service(
  'counter',
  {
    receive: {
      add: (payload: { by: number }) => payload.by + 1,
      name: async (_payload: undefined, ctx) => ctx.path,
    },
  },
  idle,
);

describe('messages', () => {
  it('are answered with what the handler returns or resolves with, typed', async () => {
    const lab = await new Lab(supervisor('app', [counter])).start();
    const ref = lab.system.ref('app/counter');

    const sum = ref.ask('add', { by: 2 });
    const name = ref.ask('name');

    expectTypeOf(sum).toEqualTypeOf<Promise<number>>();
    expectTypeOf(name).toEqualTypeOf<Promise<string>>();
    expect(await lab.until(Promise.all([sum, name]))).toEqual([3, 'app/counter']);
    expectTypeOf(ref.send).parameter(0).toEqualTypeOf<'add' | 'name'>();
  });

  it('reach a service from another, by definition or by path', async () => {
    const replies: unknown[] = [];
    const caller = service('caller', async (ctx) => {
      const byDefinition = await ctx.ask(counter, 'add', { by: 1 });
      expectTypeOf(byDefinition).toEqualTypeOf<number>();
      replies.push(byDefinition, await ctx.ask('app/counter', 'name'));
      ctx.send(counter, 'add', { by: 1 });
      await idle(ctx);
    });

    await new Lab(supervisor('app', [counter, caller])).start();

    expect(replies).toEqual([2, 'app/counter']);
  });

  it('are handled one at a time, in order, beside the body', async () => {
    const steps: string[] = [];
    const slow = service(
      'slow',
      {
        receive: {
          work: async (name: string, ctx) => {
            steps.push(`${name} begins`);
            await ctx.sleep(1_000);
            steps.push(`${name} ends`);
          },
        },
      },
      idle,
    );
    const lab = await new Lab(supervisor('app', [slow])).start();
    for (const name of ['a', 'b', 'c']) lab.system.ref('app/slow').send('work', name);

    await lab.clock.advance(2_500);

    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins']);
  });

  it('never run on the stack of their sender', async () => {
    const handled: string[] = [];
    const log = service(
      'log',
      { receive: { line: (text: string) => void handled.push(text) } },
      idle,
    );
    const lab = await new Lab(supervisor('app', [log])).start();

    lab.system.ref('app/log').send('line', 'x');
    const atOnce = [...handled];
    await lab.clock.settle();

    expect([atOnce, handled]).toEqual([[], ['x']]);
  });

  it('go to a service that has receivers alone', async () => {
    const only = service('only', { receive: { ping: () => 'pong' } });
    const lab = await new Lab(supervisor('app', [only])).start();

    const reply = await lab.until(lab.system.ref('app/only').ask('ping'));

    expect(reply).toBe('pong');
  });

  it('may send on to the receiver itself, which handles that afterwards', async () => {
    const seen: number[] = [];
    const loop = service(
      'loop',
      {
        receive: {
          step: (n: number, ctx) => {
            seen.push(n);
            if (n < 3) ctx.send('app/loop', 'step', n + 1);
          },
        },
      },
      idle,
    );
    const lab = await new Lab(supervisor('app', [loop])).start();

    lab.system.ref('app/loop').send('step', 1);
    await lab.clock.settle();

    expect(seen).toEqual([1, 2, 3]);
  });

  it.each(['unknown', 'toString', 'constructor', '__proto__'])(
    'named %s are refused, and what it does receive is named',
    async (message) => {
      const lab = await new Lab(supervisor('app', [counter])).start();
      const ref = lab.system.find('app/counter');
      const refusal = {
        code: 'DARUMA_NOT_SUPPORTED',
        path: 'app/counter',
        message: `app/counter receives no message '${message}'.`,
        hint: 'It receives: add, name.',
      };

      expect(() => ref?.send(message)).toThrow(expect.objectContaining(refusal));
      await expect(ref?.ask(message)).rejects.toMatchObject(refusal);
    },
  );

  it('are refused by a service without receivers, by a supervisor, and where nothing is', async () => {
    const lab = await new Lab(supervisor('app', [counter, service('mute', idle)])).start();
    const puppet = new Puppet();
    await lab.until(lab.system.ref('app').startChild(service('caller', puppet.body)));
    const { ctx } = puppet.life;
    const codeOf = (path: string) => {
      try {
        ctx.send(path, 'ping');
      } catch (error) {
        return (error as { code: string }).code;
      }
    };

    expect(codeOf('app/mute')).toBe('DARUMA_NOT_SUPPORTED');
    expect(codeOf('app')).toBe('DARUMA_NOT_SUPPORTED');
    expect(codeOf('app/nobody')).toBe('DARUMA_NOT_FOUND');
  });
});

describe('ask', () => {
  /** A service whose handler never answers. */
  const silent = service('silent', { receive: { hang: () => new Promise(() => {}) } }, idle);

  it.each([
    ['5 s by default', undefined, 5_000],
    ['as long as it is told', { timeout: '90s' } as const, 90_000],
  ])('waits %s', async (_how, options, limitMs) => {
    const lab = await new Lab(supervisor('app', [silent])).start();
    const asked = failureOf(
      lab.system.find('app/silent')?.ask('hang', 0, options) ?? Promise.resolve(),
    );

    const error = await lab.until(asked);

    expect(lab.clock.monotonic()).toBe(limitMs);
    expect(error).toMatchObject({ code: 'DARUMA_ASK_TIMEOUT', path: 'app/silent' });
    expect(lab.all('ended')).toEqual([]);
  });

  it('refuses a timeout that is no duration', async () => {
    const lab = await new Lab(supervisor('app', [silent])).start();

    const error = await lab.errorOf(
      lab.system.ref('app/silent').ask('hang', undefined, { timeout: '5 s' as '5s' }),
    );

    expect(error).toMatchObject({ code: 'DARUMA_INVALID_DURATION' });
  });

  it('that gave up while it waited in the mailbox is not handled any more', async () => {
    const handled: string[] = [];
    const slow = service(
      'slow',
      {
        receive: {
          work: async (name: string, ctx) => {
            handled.push(name);
            await ctx.sleep('10s');
          },
        },
      },
      idle,
    );
    const lab = await new Lab(supervisor('app', [slow])).start();
    lab.system.ref('app/slow').send('work', 'first');
    await lab.errorOf(lab.system.ref('app/slow').ask('work', 'second'));

    await lab.clock.advance(20_000);

    expect(handled).toEqual(['first']);
  });

  it('leaves no timer behind when it was answered', async () => {
    const lab = await new Lab(supervisor('app', [counter])).start();

    await lab.until(lab.system.ref('app/counter').ask('name'));

    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('is told when the handler throws, which is the failure of the receiver', async () => {
    const fragile = service(
      'fragile',
      {
        backoff: { first: '1s', jitter: 'none' },
        receive: {
          crash: () => {
            throw new RangeError('out of paper');
          },
        },
      },
      idle,
    );
    const lab = await new Lab(supervisor('app', [fragile])).start();

    const error = await lab.errorOf(lab.system.ref('app/fragile').ask('crash'));
    await lab.clock.settle();

    expect(error).toMatchObject({
      code: 'DARUMA_RECEIVER_FAILED',
      path: 'app/fragile',
      cause: { name: 'RangeError', message: 'out of paper' },
    });
    expect(lab.all('ended')[0]).toMatchObject({
      path: 'app/fragile',
      reason: 'error',
      error: { message: 'out of paper' },
    });
    expect(lab.system.ref('app/fragile').status()).toBe('backoff');
  });

  it('settles when the receiver stops before it answered', async () => {
    const lab = await new Lab(supervisor('app', [silent])).start();
    const asks = [1, 2].map(() => failureOf(lab.system.ref('app/silent').ask('hang')));
    await lab.clock.settle();

    await lab.until(lab.system.ref('app/silent').stop());
    const errors = await Promise.all(asks);

    expect(errors).toMatchObject([
      { code: 'DARUMA_NOT_RUNNING', path: 'app/silent' },
      { code: 'DARUMA_NOT_RUNNING', path: 'app/silent' },
    ]);
    expect(lab.clock.monotonic()).toBe(0);
    expect(lab.clock.pendingTimers).toBe(0);
  });
});

describe('a sender', () => {
  it('never fails of its receiver', async () => {
    const puppet = new Puppet<Context>();
    const fragile = service(
      'fragile',
      {
        backoff: { first: 0 },
        receive: {
          crash: async () => {
            throw new Error('crashed');
          },
        },
      },
      idle,
    );
    const lab = await new Lab(supervisor('app', [fragile, service('sender', puppet.body)])).start();

    puppet.life.ctx.send(fragile, 'crash');
    await lab.clock.settle();

    expect(lab.system.ref('app/fragile').incarnation()).toBe(2);
    expect(lab.system.ref('app/sender').incarnation()).toBe(1);
    expect(lab.log('app/sender')).not.toContain('ended app/sender');
  });

  it('fails of its own when it does not catch what its ask rejects with', async () => {
    const fragile = service(
      'fragile',
      {
        restart: 'transient',
        receive: {
          crash: () => {
            throw new Error('crashed');
          },
        },
      },
      idle,
    );
    const asker = service('asker', { restart: 'temporary' }, (ctx) => ctx.ask(fragile, 'crash'));
    const lab = await new Lab(supervisor('app', [fragile, asker])).start();

    expect(lab.all('ended').map(({ path, error }) => [path, error?.code])).toContainEqual([
      'app/asker',
      'DARUMA_RECEIVER_FAILED',
    ]);
  });
});
