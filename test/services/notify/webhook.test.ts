import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/kernel/clock.ts';
import type { Notification } from '../../../src/services/notify/notification.ts';
import { webhook } from '../../../src/services/notify/webhook.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Answers with each status in turn, the last for ever; `undefined` hangs. */
async function other(...statuses: (number | undefined)[]) {
  const bodies: unknown[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    bodies.push(JSON.parse(await text(request)));
    const status = statuses.length > 1 ? statuses.shift() : statuses[0];
    if (status !== undefined) response.writeHead(status).end('thanks');
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, bodies };
}

const notification: Notification = {
  level: 'error',
  title: 'Disk is full',
  message: '3 MB left',
  path: 'app/feed',
  key: 'disk',
  time: 0,
  heldBack: 0,
  data: {},
};

/** A random number of 0: full jitter does not wait between attempts. */
const leaving = new AbortController();
const delivery = { clock: realClock, random: () => 0, signal: leaving.signal };

describe('a webhook', () => {
  it('posts the notification as JSON', async () => {
    const { url, bodies } = await other(204);

    await webhook(url).send(notification, delivery);

    expect(bodies).toEqual([notification]);
  });

  it('posts what its format makes of it, and is called as it was named', async () => {
    const { url, bodies } = await other(200);
    const chat = webhook(url, { name: 'chat', format: ({ title }) => ({ text: title }) });

    await chat.send(notification, delivery);

    expect(chat.name).toBe('chat');
    expect(bodies).toEqual([{ text: 'Disk is full' }]);
  });

  it('tries again when the other side cannot now', async () => {
    const { url, bodies } = await other(503, 429, 200);

    await webhook(url).send(notification, delivery);

    expect(bodies).toHaveLength(3);
  });

  it('gives up after its attempts, with what it failed of', async () => {
    const { url, bodies } = await other(500);

    await expect(webhook(url, { maxAttempts: 2 }).send(notification, delivery)).rejects.toThrow(
      /answered 500/,
    );
    expect(bodies).toHaveLength(2);
  });

  it('does not repeat what is refused for good', async () => {
    const { url, bodies } = await other(404);

    await expect(webhook(url).send(notification, delivery)).rejects.toThrow('answered 404');
    expect(bodies).toHaveLength(1);
  });

  it('fails when nobody is there', async () => {
    const { url } = await other(200);
    servers.at(-1)?.close();

    await expect(webhook(url).send(notification, delivery)).rejects.toThrow('fetch failed');
  });

  it('waits no longer than its timeout for an answer', async () => {
    const clock = new VirtualClock();
    const hangs = (_url: unknown, { signal }: RequestInit = {}) =>
      new Promise<Response>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    const hook = webhook('http://chat/hook', { timeout: '5s', maxAttempts: 1, fetch: hangs });

    const sent = Promise.resolve(hook.send(notification, { ...delivery, clock }));
    sent.catch(() => {});
    await clock.advance(5_000);

    await expect(sent).rejects.toThrow('no answer within 5s');
  });

  it('stops trying when the system leaves', async () => {
    const { url, bodies } = await other(500);
    const controller = new AbortController();
    const clock = new VirtualClock();
    const sent = webhook(url).send(notification, {
      clock,
      random: () => 1,
      signal: controller.signal,
    });
    const failed = Promise.resolve(sent).catch((error: unknown) => error);

    await expect.poll(() => clock.pendingTimers).toBe(1);
    await expect.poll(() => bodies.length).toBe(1);
    controller.abort(new Error('leaving'));

    expect(await failed).toMatchObject({ message: expect.stringMatching(/leaving|answered 500/) });
    expect(bodies).toHaveLength(1);
  });

  it('refuses an address that is none', () => {
    expect(() => webhook('chat')).toThrow('Invalid URL');
    expect(() => webhook('http://a', { maxAttempts: 0 })).toThrow('maxAttempts is 0');
  });
});
