import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { failureOf, idle, Lab, Puppet } from './lab.ts';

/** A service that notes what it handles, and is down for a second when it fails. */
async function noting(options: { whileDown?: 'reject' | 'buffer' | 'drop'; mailbox?: number }) {
  const handled: string[] = [];
  const puppet = new Puppet();
  const log = service(
    'log',
    {
      ...options,
      backoff: { first: '1s', jitter: 'none' },
      receive: {
        line: async (text: string, ctx) => {
          handled.push(`${text} by ${ctx.incarnation}`);
          if (text === 'slow') await ctx.sleep('1m');
          return text;
        },
      },
    },
    puppet.body,
  );
  const lab = await new Lab(supervisor('app', [log])).start();
  return { lab, puppet, handled, ref: lab.system.ref('app/log') };
}

describe("whileDown: 'reject'", () => {
  it('is the default, and refuses messages to a service in backoff', async () => {
    const { lab, puppet, handled, ref } = await noting({});
    puppet.life.fail(new Error('down'));
    await lab.clock.settle();

    const refusal = { code: 'DARUMA_NOT_RUNNING', path: 'app/log' };
    expect(() => ref.send('line', 'lost')).toThrow(expect.objectContaining(refusal));
    await expect(ref.ask('line', 'lost')).rejects.toMatchObject(refusal);

    await lab.clock.advance(1_000);
    expect(await lab.until(ref.ask('line', 'later'))).toBe('later');
    expect(handled).toEqual(['later by 2']);
    expect(lab.all('message-lost')).toEqual([]);
  });

  it('loses what still waits when the incarnation ends, and tells who asked', async () => {
    const { lab, puppet, handled, ref } = await noting({});
    ref.send('line', 'slow');
    ref.send('line', 'waiting');
    const asked = failureOf(ref.ask('line', 'asked'));
    await lab.clock.settle();

    puppet.life.fail(new Error('down'));
    const error = await asked;
    await lab.clock.advance(2_000);

    expect(error).toMatchObject({ code: 'DARUMA_NOT_RUNNING' });
    expect(handled).toEqual(['slow by 1']);
    expect(lab.all('message-lost')).toMatchObject([
      { path: 'app/log', message: 'line', why: 'not-running' },
      { path: 'app/log', message: 'line', why: 'not-running' },
    ]);
  });

  it('refuses messages before the first start and after the last', async () => {
    const only = service('only', { receive: { ping: () => 'pong' } });
    const lab = new Lab(supervisor('app', [only]));
    const ref = lab.system.ref('app/only');
    const refusal = expect.objectContaining({ code: 'DARUMA_NOT_RUNNING' });

    expect(() => ref.send('ping')).toThrow(refusal);
    await lab.start();
    await lab.stop();
    expect(() => ref.send('ping')).toThrow(refusal);
  });
});

describe("whileDown: 'buffer'", () => {
  it('lets messages wait for the next incarnation, in order', async () => {
    const { lab, puppet, handled, ref } = await noting({ whileDown: 'buffer' });
    puppet.life.fail(new Error('down'));
    await lab.clock.settle();
    ref.send('line', 'a');
    const asked = ref.ask('line', 'b');

    await lab.clock.advance(1_000);

    expect(await asked).toBe('b');
    expect(handled).toEqual(['a by 2', 'b by 2']);
  });

  it('keeps what waits over the end of an incarnation; what is in hand is over', async () => {
    const { lab, puppet, handled, ref } = await noting({ whileDown: 'buffer' });
    const inHand = failureOf(ref.ask('line', 'slow'));
    const waiting = ref.ask('line', 'waiting');
    await lab.clock.settle();

    puppet.life.fail(new Error('down'));
    await lab.clock.advance(1_000);

    expect(await inHand).toMatchObject({ code: 'DARUMA_NOT_RUNNING' });
    expect(await waiting).toBe('waiting');
    expect(handled).toEqual(['slow by 1', 'waiting by 2']);
  });

  it('takes messages before the first start', async () => {
    const only = service('only', { whileDown: 'buffer', receive: { ping: () => 'pong' } });
    const lab = new Lab(supervisor('app', [only]));
    const asked = lab.system.ref('app/only').ask('ping');

    await lab.start();

    expect(await lab.until(asked)).toBe('pong');
  });

  it('loses what waits when the system stops, and tells who asked', async () => {
    const { lab, puppet, ref } = await noting({ whileDown: 'buffer' });
    puppet.life.fail(new Error('down'));
    await lab.clock.settle();
    ref.send('line', 'sent');
    const asked = failureOf(ref.ask('line', 'asked', { timeout: '1h' }));

    await lab.stop();

    expect(await asked).toMatchObject({ code: 'DARUMA_NOT_RUNNING' });
    expect(lab.all('message-lost')).toHaveLength(2);
    expect(lab.clock.pendingTimers).toBe(0);
    expect(() => ref.send('line', 'too late')).toThrow(
      expect.objectContaining({ code: 'DARUMA_NOT_RUNNING' }),
    );
  });

  it('loses what waits when the child is dropped, and tells who asked', async () => {
    const puppet = new Puppet();
    const brief = service(
      'brief',
      {
        restart: 'temporary',
        whileDown: 'buffer',
        receive: { hang: () => new Promise(() => {}) },
      },
      puppet.body,
    );
    const lab = await new Lab(supervisor('app', [brief])).start();
    const asks = [1, 2].map(() => {
      return failureOf(lab.system.ref('app/brief').ask('hang', undefined, { timeout: '1h' }));
    });
    await lab.clock.settle();

    puppet.life.finish();
    await lab.clock.settle();

    expect(await Promise.all(asks)).toMatchObject([
      { code: 'DARUMA_NOT_RUNNING' },
      { code: 'DARUMA_NOT_RUNNING' },
    ]);
    expect(lab.clock.monotonic()).toBe(0);
  });
});

describe("whileDown: 'drop'", () => {
  it('swallows what is sent with an event, and refuses what is asked', async () => {
    const { lab, puppet, handled, ref } = await noting({ whileDown: 'drop' });
    puppet.life.fail(new Error('down'));
    await lab.clock.settle();

    ref.send('line', 'gone');
    const error = await lab.errorOf(ref.ask('line', 'asked'));
    await lab.clock.advance(1_000);

    expect(error).toMatchObject({ code: 'DARUMA_NOT_RUNNING' });
    expect(handled).toEqual([]);
    expect(lab.all('message-lost')).toMatchObject([
      { path: 'app/log', message: 'line', why: 'dropped' },
      { path: 'app/log', message: 'line', why: 'dropped' },
    ]);
  });
});

describe('a full mailbox', () => {
  it('refuses one more message than may wait, with an event', async () => {
    const { lab, handled, ref } = await noting({ mailbox: 2 });
    ref.send('line', 'slow');
    await lab.clock.settle();
    ref.send('line', 'a');
    ref.send('line', 'b');

    const refusal = { code: 'DARUMA_MAILBOX_FULL', path: 'app/log' };
    expect(() => ref.send('line', 'c')).toThrow(expect.objectContaining(refusal));
    await expect(ref.ask('line', 'd')).rejects.toMatchObject(refusal);

    expect(lab.all('message-lost')).toMatchObject([
      { message: 'line', why: 'mailbox-full' },
      { message: 'line', why: 'mailbox-full' },
    ]);
    await lab.clock.advance(60_000);
    expect(handled).toEqual(['slow by 1', 'a by 1', 'b by 1']);
  });

  it('takes 1000 messages by default, also of a service that is down', async () => {
    const { lab, puppet, handled, ref } = await noting({ whileDown: 'buffer' });
    puppet.life.fail(new Error('down'));
    await lab.clock.settle();

    for (let n = 0; n < 1_000; n++) ref.send('line', String(n));

    expect(() => ref.send('line', 'too many')).toThrow(
      expect.objectContaining({ code: 'DARUMA_MAILBOX_FULL' }),
    );
    await lab.clock.advance(1_000);
    expect(handled).toHaveLength(1_000);
    expect(handled.at(-1)).toBe('999 by 2');
  });

  it('has room again once something was handled', async () => {
    const { lab, ref } = await noting({ mailbox: 1 });
    ref.send('line', 'a');
    await lab.clock.settle();

    expect(await lab.until(ref.ask('line', 'b'))).toBe('b');
  });
});

describe('a mailbox', () => {
  it('is not handled before the service is ready', async () => {
    const handled: string[] = [];
    const slow = service('slow', {
      whileDown: 'buffer',
      start: (ctx) => ctx.sleep('2s'),
      run: idle,
      receive: {
        ping: (_payload: undefined, ctx) => void handled.push(String(ctx.now() % 10_000)),
      },
    });
    const lab = new Lab(supervisor('app', [slow]));
    const started = lab.begin();
    lab.system.ref('app/slow').send('ping');

    await lab.until(started);
    await lab.clock.settle();

    expect(handled).toEqual(['2000']);
  });

  it('is still handled while the system drains', async () => {
    const handled: string[] = [];
    const queue = service('queue', {
      start: () => {},
      drain: (ctx) => ctx.sleep('2s'),
      receive: { work: (name: string) => void handled.push(name) },
    });
    const lab = await new Lab(supervisor('app', [queue])).start();
    const stopped = lab.system.stop();
    await lab.clock.advance(1_000);

    lab.system.ref('app/queue').send('work', 'the last');
    await lab.until(stopped);

    expect(handled).toEqual(['the last']);
  });

  it('is not handled any more when a stop was requested', async () => {
    const handled: string[] = [];
    const slow = service(
      'slow',
      { receive: { ping: () => void handled.push('ping') } },
      async (ctx) => {
        await idle(ctx);
        await lab.wait(1_000);
      },
    );
    const lab = new Lab(supervisor('app', [slow]));
    await lab.start();
    const stopped = lab.system.stop();
    await lab.clock.advance(500);

    expect(lab.system.ref('app/slow').status()).toBe('stopping');
    expect(() => lab.system.ref('app/slow').send('ping')).toThrow(
      expect.objectContaining({ code: 'DARUMA_NOT_RUNNING' }),
    );
    await lab.until(stopped);
    expect(handled).toEqual([]);
  });
});
