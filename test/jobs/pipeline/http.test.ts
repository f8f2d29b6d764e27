import { once } from 'node:events';
import { connect } from 'node:net';
import { pino } from 'pino';
import * as v from 'valibot';
import { afterEach, describe, expect, it } from 'vitest';
import type { AnySupervisor } from '../../../src/define/definition.ts';
import {
  type AnyRef,
  createSystem,
  fromHttp,
  pipeline,
  type System,
  supervisor,
} from '../../../src/index.ts';
import { Gate } from './mill.ts';

const order = v.object({ id: v.number() });
const running: System<AnySupervisor>[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((system) => system.stop()));
});

/** Starts a pipeline whose producer is called `hooks`; resolves with where that listens. */
async function serving(definition: AnySupervisor) {
  const system = createSystem(supervisor('app', [definition]), {
    logger: pino({ level: 'silent' }),
    env: {},
  });
  running.push(system as never);
  await system.start();
  const { url } = (system.find('app/p/producers/hooks') as AnyRef).value() as { url: string };
  const post = async (body: unknown, path = '/', headers: Record<string, string> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(url + path, { method: 'POST', body: text, headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { system, url, post };
}

const pass = <Item>(item: Item): Item => item;

describe('an HTTP producer', () => {
  it('takes in what is sent to it, and answers with the id', async () => {
    const seen: [string, number][] = [];
    const { post, url } = await serving(
      pipeline('p')
        .producer('hooks', fromHttp({ port: 0, path: '/orders', payload: order }))
        .always('all', ({ id }, ctx) => void seen.push([ctx.item.id, id])),
    );
    const answer = await post({ id: 7 }, '/orders?source=shop');

    expect(answer.status).toBe(202);
    expect(seen).toEqual([[answer.body.id, 7]]);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('answers with the results, in the order of the handlers', async () => {
    const { post } = await serving(
      pipeline('p')
        .producer('hooks', fromHttp({ port: 0, payload: order, reply: 'result' }))
        .always('slow', async ({ id }, ctx) => {
          await ctx.sleep(5);
          return id * 2;
        })
        .always('silent', () => undefined)
        .always('fast', ({ id }) => -id),
    );

    expect(await post({ id: 4 })).toMatchObject({ status: 200, body: { results: [8, -4] } });
  });

  it('says what is wrong with a request, and takes nothing in', async () => {
    const seen: unknown[] = [];
    const { post, url } = await serving(
      pipeline('p')
        .producer('hooks', fromHttp({ port: 0, path: '/in', payload: order, maxBytes: 100 }))
        .always('all', (item) => void seen.push(item)),
    );

    expect(await post({ id: 1 })).toMatchObject({ status: 404 });
    expect(await post('{ id: 1', '/in')).toMatchObject({ status: 400 });
    expect(await post({ id: 'one' }, '/in')).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('payload.id') },
    });
    expect(await post('x'.repeat(101), '/in')).toMatchObject({ status: 413 });
    const got = await fetch(`${url}/in`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect(seen).toEqual([]);
  });

  it('refuses a body that grows too large while it comes in', async () => {
    const { url } = await serving(
      pipeline('p')
        .producer('hooks', fromHttp({ port: 0, maxBytes: 1_000 }))
        .always('all', () => {}),
    );
    async function* endless() {
      for (;;) yield Buffer.alloc(400);
    }
    const response = await fetch(url, {
      method: 'POST',
      body: ReadableStream.from(endless()),
      duplex: 'half',
    } as RequestInit).catch((error: unknown) => error);

    // The connection is closed while the client still sends: it may not see the answer.
    if (response instanceof Response) expect(response.status).toBe(413);
    else expect(response).toBeInstanceOf(TypeError);
  });

  it('lets in whom authorize lets in', async () => {
    const { post } = await serving(
      pipeline('p')
        .producer(
          'hooks',
          fromHttp({
            port: 0,
            authorize: ({ headers, body }) => headers['x-length'] === String(body.length),
          }),
        )
        .always('all', () => {}),
    );

    expect(await post('[]')).toMatchObject({ status: 401 });
    expect(await post('[]', '/', { 'x-length': '2' })).toMatchObject({ status: 202 });
  });

  it('answers 503 while the pipeline is full', async () => {
    const gate = new Gate();
    const { post, system } = await serving(
      pipeline('p', { maxInFlight: 2 })
        .producer('hooks', fromHttp({ port: 0 }))
        .always('slow', gate.pass),
    );
    const first = [await post(1), await post(2), await post(3)];
    gate.open();
    const later = await post(4);
    gate.open();
    gate.open();

    expect(first.map(({ status }) => status)).toEqual([202, 202, 503]);
    expect(later.status).toBe(202);
    expect(system.metrics.text()).toContain(
      'daruma_http_requests_total{actor="app/p/producers/hooks",status="503"} 1',
    );
  });

  it('is not held up by clients that are slow to send', async () => {
    const seen: unknown[] = [];
    const { post, url } = await serving(
      pipeline('p', { maxInFlight: 1 })
        .producer('hooks', fromHttp({ port: 0 }))
        .always('all', (item) => void seen.push(item)),
    );
    const { hostname, port } = new URL(url);
    const slow = connect(Number(port), hostname);
    await once(slow, 'connect');
    slow.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"be');

    expect(await post('quick')).toMatchObject({ status: 400 });
    expect(await post({ quick: true })).toMatchObject({ status: 202 });
    slow.destroy();
    expect(seen).toEqual([{ quick: true }]);
  });

  it('says that an item failed, without saying of what', async () => {
    const { post } = await serving(
      pipeline('p')
        .producer('hooks', fromHttp({ port: 0, reply: 'result' }))
        .when('broken', pass as () => boolean, () => {
          throw new Error('the password is 1234');
        }),
    );
    const answer = await post(1);

    expect(answer).toMatchObject({ status: 500, body: { status: 'failed' } });
    expect(JSON.stringify(answer)).not.toContain('1234');
    expect(await post(0)).toMatchObject({ status: 422, body: { status: 'unmatched' } });
  });

  it('answers 504 when the results take too long', async () => {
    const gate = new Gate();
    const { post } = await serving(
      pipeline('p')
        .producer('hooks', fromHttp({ port: 0, reply: 'result', replyWithin: 20 }))
        .always('slow', gate.pass),
    );

    expect(await post(1)).toMatchObject({ status: 504 });
    gate.open();
  });

  it('answers what it has taken in before it stops, and takes nothing more in', async () => {
    const gate = new Gate<string>();
    const { post, system } = await serving(
      pipeline('p')
        .producer('hooks', fromHttp({ port: 0, reply: 'result' }))
        .always('slow', gate.pass),
    );
    const first = post(1);
    await waitFor(() => gate.waiting.length === 1);
    const stopped = system.stop();
    await waitFor(() => system.phase === 'draining');
    const second = await post(2);
    gate.open('done');

    expect(second).toMatchObject({ status: 503 });
    expect(await first).toMatchObject({ status: 200, body: { results: ['done'] } });
    await stopped;
    await expect(post(3)).rejects.toThrow();
  });

  it('does not start where somebody else listens', async () => {
    const { url } = await serving(
      pipeline('p')
        .producer('hooks', fromHttp({ port: 0 }))
        .always('all', () => {}),
    );
    const port = Number(new URL(url).port);
    const second = serving(
      pipeline('p')
        .producer('hooks', fromHttp({ port }))
        .always('all', () => {}),
    );

    await expect(second).rejects.toMatchObject({
      code: 'DARUMA_START_FAILED',
      cause: { code: 'DARUMA_HTTP_LISTEN', path: 'app/p/producers/hooks' },
    });
  });
});

/** Waits for something that the event loop brings, without a fixed time. */
async function waitFor(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('It never came.');
}
