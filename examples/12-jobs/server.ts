import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Jobs, type JobView, service } from 'daruma';
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
        const { code, body } = await answer(ctx.jobs, request);
        response.writeHead(code, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      }),
    );
    await once(server.listen(Number(process.env.PORT ?? 0), '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    ctx.log.info(`listens on http://127.0.0.1:${port}/pictures`);
    return `http://127.0.0.1:${port}/pictures`;
  },
});

async function answer(jobs: Jobs, { method, url = '', headers }: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const [, folder, id] = pathname.split('/');
  if (folder !== 'pictures') return { code: 404, body: { error: `there is no ${pathname}` } };
  if (method === 'POST') {
    const name = searchParams.get('name') ?? 'untitled';
    const strokes = Number(searchParams.get('strokes') ?? 5);
    // Ordered twice is painted once: somebody may click again.
    const workspaceId = String(headers['x-workspace'] ?? 'guests');
    const options = { idempotencyKey: `${workspaceId}/${name}`, workspaceId };
    const { id, isNew } = await jobs.enqueue(pictures, { name, strokes }, options);
    return { code: isNew ? 202 : 200, body: { id } };
  }
  if (id === undefined) return { code: 200, body: await jobs.counts(pictures) };
  if (method === 'DELETE') return { code: 200, body: await jobs.cancel(pictures, id) };
  const job = await jobs.get(pictures, id);
  return job
    ? { code: 200, body: viewOf(job) }
    : { code: 404, body: { error: `there is no picture ${id}` } };
}

/** What the world may see of a job: no stack. */
function viewOf({ id, state, attempt, progress, result, error }: JobView) {
  return { id, state, attempt, progress, result, error: error?.message };
}
