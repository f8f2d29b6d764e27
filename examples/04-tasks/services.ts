import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { service, supervisor, tasks } from 'daruma';
import { reportServer } from './server.ts';

/** Two reports at a time; ten may wait, and then callers are told to come back later. */
export const worker = tasks('worker', { concurrency: 2, maxPending: 10 });

const api = service('api', {
  needs: { worker },
  start: async (ctx) => {
    const server = ctx.use(reportServer(() => ctx.needs.worker));
    await once(server.listen(Number(process.env.PORT ?? 0), '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    ctx.log.info(`listens on http://127.0.0.1:${port}/reports`);
    return `http://127.0.0.1:${port}/reports`;
  },
});

/** Somebody who orders three reports, asks for them, and loses interest in the last. */
const visitor = service('visitor', { needs: { api }, restart: 'transient' }, async (ctx) => {
  const ask = async (path = '', method = 'GET') => {
    const response = await fetch(`${ctx.needs.api}${path}`, { method, signal: ctx.signal });
    return (await response.json()) as { id: string; status: string };
  };
  const { id } = await ask('?pages=5', 'POST');
  await ask('?pages=3', 'POST');
  const last = await ask('?pages=50', 'POST');
  ctx.log.info(`has ordered ${id} and two more`);
  let status = 'pending';
  while (status !== 'completed') {
    await ctx.sleep('400ms');
    ({ status } = await ask(`/${id}`));
    ctx.log.info(`finds ${id} ${status}`);
  }
  ctx.log.info(`calls ${last.id} off: ${(await ask(`/${last.id}`, 'DELETE')).status}`);
});

export default supervisor('reports', [worker, api, visitor]);
