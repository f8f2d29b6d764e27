import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DarumaError, type Jobs, type JobView, service } from 'daruma';
import { pictures } from './queues.ts';

interface Answer {
  readonly code: number;
  readonly body: unknown;
}

/** Pictures by HTTP: `POST` orders one, `GET` says how it is, `DELETE` calls it off. */
export const api = service('api', {
  start: async (ctx) => {
    const server = ctx.use(
      createServer(async (request, response) => {
        // A request that is wrong is no failure of the server.
        const { code, body } = await answer(ctx.jobs, request).catch(refusal);
        if (code >= 500) ctx.log.error({ err: body }, `${request.method} ${request.url}`);
        response.writeHead(code, { 'content-type': 'application/json' });
        response.end(JSON.stringify(code >= 500 ? { error: 'see the log' } : body));
      }),
    );
    await once(server.listen(Number(process.env.PORT ?? 0), '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    ctx.log.info(`listens on http://127.0.0.1:${port}/pictures`);
    return `http://127.0.0.1:${port}/pictures`;
  },
});

async function answer(jobs: Jobs, { method, url = '', headers }: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(`http://localhost${url}`);
  const [, folder, id, ...more] = pathname.split('/');
  if (folder !== 'pictures' || more.length > 0) return notFound(pathname);
  if (method === 'POST' && id === undefined) {
    const name = searchParams.get('name') ?? 'untitled';
    const strokes = Number(searchParams.get('strokes') ?? 5);
    // Ordered twice is painted once: somebody may click again.
    const workspaceId = String(headers['x-workspace'] ?? 'guests');
    const options = { idempotencyKey: `${workspaceId}/${name}`, workspaceId };
    const { id, isNew } = await jobs.enqueue(pictures, { name, strokes }, options);
    return { code: isNew ? 202 : 200, body: { id } };
  }
  if (method === 'GET' && id === undefined) {
    return { code: 200, body: await jobs.counts(pictures) };
  }
  if (method === 'GET') {
    const job = await jobs.get(pictures, id ?? '');
    return job ? { code: 200, body: viewOf(job) } : notFound(pathname);
  }
  if (method === 'DELETE' && id !== undefined) {
    const came = await jobs.cancel(pictures, id);
    return came === 'unknown' ? notFound(pathname) : { code: 200, body: came };
  }
  return { code: 405, body: { error: `${method} is of no use for ${pathname}` } };
}

function notFound(pathname: string): Answer {
  return { code: 404, body: { error: `there is no ${pathname}` } };
}

/** What the queue refuses is the fault of who asked for it; the rest is ours. */
function refusal(error: unknown): Answer {
  const isTheirs =
    error instanceof DarumaError &&
    (error.code === 'DARUMA_INVALID_PAYLOAD' || error.code === 'DARUMA_INVALID_OPTION');
  return isTheirs ? { code: 400, body: { error: error.message } } : { code: 500, body: error };
}

/** What the world may see of a job: no stack. */
function viewOf({ id, state, attempt, progress, result, error }: JobView) {
  return { id, state, attempt, progress, result, error: error?.message };
}
