import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkUrl } from '../../examples/watchtower/lib/check-url.ts';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const forEver = new AbortController().signal;

describe('checkUrl', () => {
  it.each([
    [200, true, '200'],
    [204, true, '204'],
    [404, false, 'HTTP 404'],
    [503, false, 'HTTP 503'],
  ])('judges a status of %i', async (status, ok, outcome) => {
    const url = await serve((_request, response) => response.writeHead(status).end());

    const result = await checkUrl(url, 5_000, forEver);

    expect(result).toMatchObject({ ok, outcome, isHopeless: false });
    expect(result.latencyMs).toBeGreaterThan(0);
  });

  it('follows redirects, and does not read what it gets', async () => {
    const url = await serve(({ url }, response) => {
      if (url === '/') response.writeHead(302, { location: '/endless' }).end();
      else response.writeHead(200).write('x'.repeat(1_000));
    });

    expect(await checkUrl(url, 5_000, forEver)).toMatchObject({ ok: true, outcome: '200' });
  });

  it('gives a server that does not answer its time', async () => {
    const url = await serve(() => {});

    expect(await checkUrl(url, 20, forEver)).toMatchObject({
      ok: false,
      outcome: 'no answer in time',
      isHopeless: false,
    });
  });

  it('takes a refused connection and a broken one as they come', async () => {
    const broken = await serve((request) => request.socket.destroy());

    expect(await checkUrl(broken, 5_000, forEver)).toMatchObject({ ok: false, isHopeless: false });
    expect(await checkUrl('http://127.0.0.1:1/', 5_000, forEver)).toMatchObject({ ok: false });
  });

  it.each(['http://127.0.0.1:6000/', 'http://ada:secret@127.0.0.1/', 'gopher://x/', 'nonsense'])(
    'knows what fetch will never do: %s',
    async (url) => {
      expect(await checkUrl(url, 5_000, forEver)).toMatchObject({ ok: false, isHopeless: true });
    },
  );

  it('gives up when it is told to, with the reason', async () => {
    const asked = Promise.withResolvers<void>();
    const url = await serve(() => asked.resolve());
    const controller = new AbortController();

    const check = checkUrl(url, 5_000, controller.signal);
    await asked.promise;
    controller.abort(new Error('stop'));

    await expect(check).rejects.toThrow('stop');
  });
});
