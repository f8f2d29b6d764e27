import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Context, ignore, service } from 'daruma';
import { lifespan, type Mood, moodAt } from './lib/moods.ts';
import { RotatingLog } from './lib/rotating-log.ts';
import { settingsOf, targetLog } from './settings.ts';
import { workspace } from './workspace.ts';

/** The pages of the target that are probed. */
export const targetPages: readonly string[] = ['/home', '/orders', '/search'];

/**
 * Something to watch where there is no internet: a small server on a free port that is well, fails,
 * crashes, comes back at the second attempt, and is slow. Its probes need it: they are suspended
 * while it is down, and find its new address when it is back.
 */
export const target = service('target', {
  needs: { workspace },
  backoff: { first: '500ms', max: '5s', jitter: 'equal' },
  start: async (ctx) => {
    if (!settingsOf(ctx).isDemo) return ignore;
    // As after a real crash, when the port is not free yet.
    if (ctx.attempt === 1) throw new Error('address already in use (staged)');
    const log = new RotatingLog(targetLog(ctx.needs.workspace.path));
    const server = ctx.use(createServer(), close);
    const bornAt = ctx.now();
    server.on('request', ({ url = '/' }, response) => {
      const mood = moodAt(ctx.now() - bornAt, ctx.incarnation);
      void answer(ctx, mood, url).then((status) => {
        const level = status >= 500 ? 'ERROR' : 'INFO';
        log.write(ctx.now(), level, `"GET ${url} HTTP/1.1" ${status}`);
        response.writeHead(status).end();
      }, ignoreStop);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    log.write(ctx.now(), 'INFO', `life ${ctx.incarnation} begins`);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
  run: async (ctx) => {
    await ctx.sleep(lifespan(ctx.incarnation));
    throw new Error('out of memory (staged)');
  },
});

/** Each mood hits another page, so that the report has something to tell apart. */
async function answer(ctx: Pick<Context, 'sleep' | 'random'>, mood: Mood, page: string) {
  if (mood === 'slow' && page === '/search') await ctx.sleep('1h');
  if (mood === 'slow') await ctx.sleep(200 + 400 * ctx.random());
  return mood === 'failing' && page === '/orders' ? 500 : 200;
}

/** Who waits for an answer when the target goes down gets none. */
function ignoreStop(): void {}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
