import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportServer } from '../../examples/04-tasks/server.ts';
import { worker } from '../../examples/04-tasks/services.ts';
import { createSystem, supervisor } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';

const makeSystem = (clock: VirtualClock) =>
  createSystem(supervisor('app', [worker]), { clock, logger: pino({ level: 'silent' }) });

/** A server outside the tree, asked by real requests. */
describe('the server of examples/04-tasks', () => {
  let clock: VirtualClock;
  let system: ReturnType<typeof makeSystem>;
  let server: ReturnType<typeof reportServer>;
  let url: string;

  beforeEach(async () => {
    clock = new VirtualClock();
    system = makeSystem(clock);
    await system.start();
    server = reportServer(() => system.value(worker));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/reports`;
  });

  afterEach(async () => {
    await stop();
    await server[Symbol.asyncDispose]();
  });

  async function stop() {
    const stopped = system.stop();
    await clock.advance(25_000);
    await stopped;
  }

  async function ask(path = '', method = 'GET') {
    const response = await fetch(`${url}${path}`, { method });
    return { code: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('answers 202 with an id at once, and with the status later', async () => {
    const { code, body } = await ask('?pages=1', 'POST');
    const id = body.id as string;
    expect(code).toBe(202);

    const first = await ask(`/${id}`);
    expect(first).toMatchObject({ code: 200, body: { id, status: 'running', attempt: 1 } });

    await clock.advance(700);
    expect((await ask(`/${id}`)).body).toMatchObject({
      status: 'completed',
      attempt: 2,
      result: { file: `/reports/${id}.pdf`, pages: 1 },
    });
  });

  it('answers 404 for an id that nobody has', async () => {
    expect((await ask('/report-0')).code).toBe(404);
    expect((await ask('/report-0', 'DELETE')).code).toBe(404);
  });

  it('answers 429 when too many wait', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('', 'POST')));

    const codes = answers.map(({ code }) => code).sort();
    expect(codes.filter((code) => code === 429).length).toBeGreaterThanOrEqual(6);
    expect(new Set(codes)).toEqual(new Set([202, 429]));
  });

  it('says how a report that was called off really ended', async () => {
    const { body } = await ask('?pages=99', 'POST');

    expect((await ask(`/${body.id}`, 'DELETE')).body.status).toBe('cancelled');
  });

  it('answers 503 when the worker is down', async () => {
    await stop();

    expect((await ask('', 'POST')).code).toBe(503);
  });
});
