import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { createSystem, service, supervisor, webhook } from '../../../src/index.ts';
import { minute, Post } from './desk.ts';

describe('a channel that fails', () => {
  it('is an event of its own: the caller, the others and what is right stay as they are', async () => {
    const post: Post = new Post({
      channels: [
        () => {
          throw new TypeError('no route to people');
        },
        (each) => post.sent.push(each),
      ],
    });
    await post.open();
    const outcomes: string[] = [];
    const backUp = async () => {
      try {
        outcomes.push('backed up');
        post.ctx.notify('Backup complete', 'all of it', 'success');
      } catch {
        post.ctx.notify('Backup failed', '', 'error');
      }
    };

    await backUp();
    await post.settle();

    expect(post.titles).toEqual(['Backup complete']);
    expect(post.lab.all('notification-lost')).toMatchObject([
      { path: 'app', channel: 'channel 1', count: 1, why: 'failed', error: { name: 'TypeError' } },
    ]);
    expect(post.lab.all('ended')).toEqual([]);
  });

  it('does not hide the error that it was to tell of', async () => {
    const post = await new Post({
      channels: [() => Promise.reject(new Error('pager down'))],
    }).open();
    const original = new Error('the disk is full');

    post.ctx.notify('Service error', original.message, 'error');
    post.puppet.life.fail(original);
    await post.settle();

    expect(post.lab.all('ended')).toMatchObject([{ error: { message: 'the disk is full' } }]);
    expect(post.lab.all('notification-lost')).toMatchObject([{ error: { message: 'pager down' } }]);
  });

  it('is tried again with backoff, as often as it says', async () => {
    const at: number[] = [];
    const post: Post = new Post({
      channels: [
        {
          name: 'mail',
          maxAttempts: 3,
          backoff: { first: '2s', jitter: 'none' },
          send: () => {
            at.push(post.lab.clock.monotonic());
            throw new Error('busy');
          },
        },
      ],
    });
    await post.open();

    post.ctx.notify('Hello', '');
    await post.advance(minute);

    expect(at).toEqual([0, 2_000, 6_000]);
    expect(post.lab.all('notification-lost')).toHaveLength(1);
  });

  it('that hangs is given up after its timeout, and told so', async () => {
    const signals: AbortSignal[] = [];
    const send = vi.fn((_each: unknown, { signal }: { signal: AbortSignal }) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    const post = await new Post({ channels: [{ name: 'mail', timeout: '3s', send }] }).open();

    post.ctx.notify('One', '');
    post.ctx.notify('Two', '');
    await post.advance(3_000);

    expect(send).toHaveBeenCalledTimes(2);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(post.lab.all('notification-lost')).toMatchObject([
      { at: 3_000, error: { code: 'DARUMA_NOTIFY_TIMEOUT' } },
    ]);
  });

  it('keeps no more waiting than its queue holds: the oldest go, with a count', async () => {
    const channels = [{ name: 'slow', timeout: '1h', send: () => new Promise(() => {}) } as const];
    const post = await new Post({ channels, queue: 2, limit: 1_000 }).open();

    for (let nth = 1; nth <= 50; nth++) post.ctx.notify(`Number ${nth}`, '');
    await post.advance(10_000);

    expect(post.lab.all('notification-lost').map(({ count, why }) => [count, why])).toEqual([
      [1, 'queue-full'],
      [47, 'queue-full'],
    ]);
  });
});

/** A real server that answers with one status after another. */
async function endpoint(...statuses: number[]) {
  const bodies: unknown[] = [];
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      requests.push(request);
      bodies.push(JSON.parse(text));
      response.writeHead(statuses.shift() ?? 200).end('thanks');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks/secret-token`,
    host: `127.0.0.1:${port}`,
    bodies,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const backoff = { first: '1ms', max: '2ms' } as const;

/** Sends one notification in real time; resolves with the events when the system is down. */
async function sendTo(...channels: ReturnType<typeof webhook>[]) {
  const tree = supervisor('app', [service('a', (ctx) => ctx.sleep('1d'))]);
  const system = createSystem(tree, {
    logger: pino({ level: 'silent' }),
    env: {},
    notify: { channels, alerts: false },
  });
  const lost: unknown[] = [];
  system.events$.subscribe((event) => {
    if (event.type === 'notification-lost') lost.push(event);
  });
  await system.start();
  system.notify('Backup failed', 'no room', 'error');
  await system.stop();
  return lost;
}

describe('a webhook', () => {
  it('posts the notification as JSON, or what is made of it', async () => {
    await using server = await endpoint();
    const lost = await sendTo(
      webhook(server.url, { headers: { 'x-token': 'abc' } }),
      webhook(server.url, { body: ({ title, message }) => ({ text: `*${title}* ${message}` }) }),
    );

    expect(lost).toEqual([]);
    expect(server.bodies).toHaveLength(2);
    expect(server.bodies).toContainEqual({ text: '*Backup failed* no room' });
    expect(server.bodies).toContainEqual(
      expect.objectContaining({ level: 'error', title: 'Backup failed', path: 'app' }),
    );
    const [plain] = server.requests.filter(({ headers }) => headers['x-token'] === 'abc');
    expect(plain?.method).toBe('POST');
    expect(plain?.headers['content-type']).toBe('application/json');
  });

  it('is tried again while the answer says: not now', async () => {
    await using server = await endpoint(503, 429, 200);

    expect(await sendTo(webhook(server.url, { backoff }))).toEqual([]);
    expect(server.bodies).toHaveLength(3);
  });

  it.each([
    [[500, 502, 503], 3, 'DARUMA_NOTIFY_FAILED'],
    [[404], 1, 'DARUMA_NOTIFY_REFUSED'],
  ])('is given up after %o, without a word of its path', async (statuses, requests, code) => {
    await using server = await endpoint(...statuses);

    const lost = await sendTo(webhook(server.url, { backoff }));

    expect(server.bodies).toHaveLength(requests);
    expect(lost).toMatchObject([{ channel: server.host, why: 'failed', error: { code } }]);
    expect(JSON.stringify(lost)).not.toContain('secret-token');
  });

  it('says why nobody can be reached', async () => {
    const closed = await endpoint();
    await closed[Symbol.asyncDispose]();

    const lost = await sendTo(webhook(closed.url, { backoff, maxAttempts: 1, name: 'ops' }));

    expect(lost).toMatchObject([
      { channel: 'ops', error: { message: expect.stringMatching(/cannot be reached: .*REFUSED/) } },
    ]);
  });

  it('gives an answer that does not come up, with the fetch that it is given', async () => {
    const hangs = vi.fn(
      (_url: unknown, { signal }: RequestInit = {}) =>
        new Promise<Response>((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    const channel = webhook('https://hooks.example.com/x', {
      fetch: hangs as typeof fetch,
      maxAttempts: 2,
      backoff: { first: '1s', jitter: 'none' },
    });
    const post = await new Post({ channels: [channel] }).open();

    post.ctx.notify('Hello', '');
    await post.advance(11_000);

    expect(hangs).toHaveBeenCalledTimes(2);
    expect(post.lab.all('notification-lost')).toMatchObject([
      { at: 11_000, error: { code: 'DARUMA_NOTIFY_TIMEOUT' } },
    ]);
    expect(() => webhook('hooks.example.com')).toThrow(/the URL of a webhook is none/);
  });
});
