import { service, supervisor } from 'daruma';
import { painters } from './painters.ts';
import { api } from './server.ts';

/** Somebody who orders three pictures, asks for them, and loses interest in the last. */
const visitor = service('visitor', { needs: { api }, restart: 'transient' }, async (ctx) => {
  const ask = async (path = '', method = 'GET') => {
    const headers = { 'x-workspace': 'atelier' };
    const init = { method, signal: ctx.signal, headers };
    const response = await fetch(`${ctx.needs.api}${path}`, init);
    return (await response.json()) as { id: string; state: string };
  };
  // Names of their own for each run: the storage remembers those of the last.
  const run = ctx.now();
  const { id } = await ask(`?name=rose-${run}&strokes=5`, 'POST');
  const again = await ask(`?name=rose-${run}&strokes=5`, 'POST');
  await ask(`?name=lily-${run}&strokes=3`, 'POST');
  const last = await ask(`?name=battle-${run}&strokes=1000`, 'POST');
  ctx.log.info(`has ordered a rose${again.id === id ? ', only once,' : ''} and two more`);
  let state = 'ready';
  while (state !== 'completed') {
    await ctx.sleep('400ms');
    ({ state } = await ask(`/${id}`));
    ctx.log.info(`finds the rose ${state}`);
  }
  ctx.log.info(`calls the battle off: ${await ask(`/${last.id}`, 'DELETE')}`);
});

/** Both in one process, and a visitor. */
export default supervisor('studio', [...painters, api, visitor]);
