import { once } from 'node:events';
import { connect } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type AnyService,
  createSystem,
  type System,
  service,
  supervisor,
} from '../../../src/index.ts';

const running: System[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((system) => system.stop()));
});

/** A system in real time that serves its pages on a free port. */
function serve(children: readonly AnyService[], options: object = {}): System {
  const app = supervisor('app', children);
  const logger = pino({ level: 'silent' });
  const system = createSystem(app, { env: {}, logger, http: { port: 0 }, ...options }) as System;
  running.push(system);
  return system;
}

const get = async (system: System, page: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${system.http?.url}${page}`, { headers });
  return { status: response.status, body: await response.text() };
};

/** What comes back for raw bytes. */
async function raw(system: System, bytes: string): Promise<string> {
  const socket = connect(system.http?.port ?? 0, '127.0.0.1');
  socket.setEncoding('utf8');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

const idle = { start: () => undefined };

describe('the health pages over HTTP', () => {
  it('are there, on loopback, while the tree is still booting', async () => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const system = serve([service('slow', { start: () => gate })]);
    const started = system.start();
    await expect.poll(() => system.http).toMatchObject({ host: '127.0.0.1' });

    const booting = await Promise.all(
      ['/livez', '/startupz', '/readyz'].map((p) => get(system, p)),
    );
    go();
    await started;
    const up = await Promise.all(['/livez', '/startupz', '/readyz'].map((p) => get(system, p)));

    expect(booting.map(({ status }) => status)).toEqual([200, 503, 503]);
    expect(booting[2]?.body).toContain('[-] app/slow degraded: is starting');
    expect(up.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('stay alive while it drains and stops, and are not ready at once', async () => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const system = serve([service('busy', { ...idle, drain: () => gate })]);
    await system.start();

    const stopped = system.stop();
    const draining = await Promise.all([get(system, '/livez'), get(system, '/readyz')]);
    go();
    await stopped;

    expect(draining.map(({ status }) => status)).toEqual([200, 503]);
    await expect(get(system, '/livez')).rejects.toThrow('fetch failed');
  });

  it('are not ready while a service that is meant to run is down', async () => {
    const backoff = { first: '10s', jitter: 'none' } as const;
    const flaky = service('flaky', { backoff }, async (ctx) => {
      await ctx.sleep(1);
      throw new Error('no');
    });
    const system = serve([flaky, service('api', idle)]);
    await system.start();

    await expect.poll(() => system.find('app/flaky')?.status()).toBe('backoff');
    const page = await get(system, '/readyz', { accept: 'application/json' });

    expect(page.status).toBe(503);
    expect(JSON.parse(page.body).checks).toMatchObject([
      { name: 'app/flaky', ok: false, status: 'degraded', detail: 'is backoff' },
      { name: 'app/api', ok: true },
    ]);
    expect((await get(system, '/readyz?exclude=app/flaky')).status).toBe(200);
  });

  it('show what was measured', async () => {
    const system = serve([service('api', idle)]);
    await system.start();

    const { body } = await get(system, '/metrics');

    expect(body).toContain('daruma_up{actor="app/api"} 1');
    expect(body).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
  });

  it('answer two hundred connections at once while the tree restarts', async () => {
    const system = serve([service('api', idle), service('db', idle)]);
    await system.start();

    const restarts = (async () => {
      for (let nth = 0; nth < 20; nth++) await system.find('app/db')?.restart();
    })();
    const pages = await Promise.all(
      Array.from({ length: 200 }, (_, nth) =>
        get(system, nth % 2 ? '/livez' : '/readyz', { connection: 'close' }),
      ),
    );
    await restarts;

    expect(pages.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
    expect(pages.filter((_, nth) => nth % 2).every(({ status }) => status === 200)).toBe(true);
    expect((await get(system, '/readyz')).status).toBe(200);
  });

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', '400 Bad Request'],
    ['huge headers', `GET /livez HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, '431 Request'],
    [
      'a method with a body',
      'POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi',
      '405 Method',
    ],
    [
      'a target that is no URL',
      'GET //:bad HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      '400 Bad',
    ],
  ])('answer %s, and go on', async (_title, bytes, answer) => {
    const system = serve([service('api', idle)]);
    await system.start();

    expect(await raw(system, bytes)).toContain(answer);
    expect((await get(system, '/livez')).status).toBe(200);
  });

  it('let nobody who sends nothing keep the system from stopping', async () => {
    const system = serve([service('api', idle)]);
    await system.start();
    const socket = connect(system.http?.port ?? 0, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => {});
    socket.write('GET /livez HTTP/1.1\r\n');

    const report = await system.stop();

    expect(report).toMatchObject({ reason: 'stopped', stopErrors: [] });
    socket.destroy();
  });

  it('fail the start before anything is started where the port is taken', async () => {
    const first = serve([service('api', idle)]);
    await first.start();
    let starts = 0;
    const second = serve(
      [
        service('api', {
          start: () => {
            starts++;
          },
        }),
      ],
      { http: { port: first.http?.port } },
    );

    await expect(second.start()).rejects.toMatchObject({
      code: 'DARUMA_HTTP_LISTEN',
      hint: expect.stringContaining('another copy'),
    });
    expect(starts).toBe(0);
    expect(await second.stopped()).toMatchObject({ reason: 'start-failed', exitCode: 1 });
  });
});
