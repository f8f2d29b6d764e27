import { createServer, type IncomingMessage, type Server } from 'node:http';
import { isDarumaError, type TaskStatus, type TaskWorker } from 'daruma';
import { render } from './render.ts';

interface Answer {
  readonly code: number;
  readonly body: unknown;
}

let reports = 0;

/**
 * Reports by HTTP: `POST /reports` starts one, `GET /reports/ID` says how far it is, `DELETE` stops it.
 *
 * @param workerNow the worker as it is now: after a restart there is another one
 */
export function reportServer(workerNow: () => TaskWorker | undefined): Server {
  return createServer(async (request, response) => {
    const worker = workerNow();
    const { code, body } = worker
      ? await answer(worker, request)
      : { code: 503, body: { error: 'the worker is not running' } };
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
}

async function answer(worker: TaskWorker, { method, url = '' }: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const [, folder, id] = pathname.split('/');
  if (folder !== 'reports') return notFound(pathname);
  if (method === 'POST') return start(worker, Number(searchParams.get('pages') ?? 5));
  if (id === undefined) return { code: 200, body: worker.all().map(viewOf) };
  // Waits for the true end: one that was too late is `completed`.
  const status = method === 'DELETE' ? await worker.cancel(id) : worker.status(id);
  return status ? { code: 200, body: viewOf(status) } : notFound(id);
}

function start(worker: TaskWorker, pages: number): Answer {
  const id = `report-${++reports}`;
  try {
    worker.submit(id, render, { input: { pages } });
    return { code: 202, body: { id } };
  } catch (error) {
    if (!isDarumaError(error)) throw error;
    // Full: come back later. Stopping: another instance will answer.
    const code = error.code === 'DARUMA_TASKS_FULL' ? 429 : 503;
    return { code, body: { error: error.message } };
  }
}

/** What the world may see of a task: no stack. */
function viewOf({ id, status, attempt, progress, result, error }: TaskStatus) {
  return { id, status, attempt, progress, result, error: error?.message };
}

function notFound(what: string): Answer {
  return { code: 404, body: { error: `there is no ${what}` } };
}
