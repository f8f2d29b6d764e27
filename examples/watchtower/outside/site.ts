import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Context, ignore, service } from 'daruma';
import { lifespan, type Mood, moodAt } from '../lib/moods.ts';
import { settingsOf } from '../settings.ts';

/**
 * Something to watch where there is no internet: a small site on a free port that is well, fails,
 * crashes, comes back at the second attempt, and is slow. Its probes need it: they are suspended
 * while it is down, and find its new address when it is back.
 */
export const site = service('site', {
  backoff: { first: '500ms', max: '5s', jitter: 'equal' },
  start: async (ctx) => {
    if (!settingsOf(ctx).isDemo) return ignore;
    // As after a real crash, when the port is not free yet.
    if (ctx.attempt === 1) throw new Error('address already in use (staged)');
    const server = ctx.use(createServer(), close);
    const bornAt = ctx.now();
    server.on('request', ({ url = '/' }, response) => {
      const upMs = ctx.now() - bornAt;
      const mood = moodAt(upMs, ctx.incarnation);
      void answer(ctx, mood, url, upMs).then(
        ({ status, text }) => response.writeHead(status).end(text),
        ignoreStop,
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
  run: async (ctx) => {
    await ctx.sleep(lifespan(ctx.incarnation));
    throw new Error('out of memory (staged)');
  },
});

/** Each mood hits another page, so that there is something to tell apart. */
async function answer(
  ctx: Pick<Context, 'sleep' | 'random' | 'incarnation'>,
  mood: Mood,
  page: string,
  upMs: number,
): Promise<{ readonly status: number; readonly text?: string }> {
  // The token of whoever asks has expired, and no retry will mend that.
  const isExpired = ctx.incarnation > 1 || upMs > 2_500;
  if (page === '/admin') return { status: isExpired ? 401 : 200 };
  if (page === '/prices') return { status: 200, text: `rice ${Math.floor(upMs / 8_000)}` };
  if (mood === 'slow' && page === '/search') await ctx.sleep('1h');
  if (mood === 'slow') await ctx.sleep(100 + 200 * ctx.random());
  return { status: mood === 'failing' && page === '/orders' ? 500 : 200 };
}

/** Who waits for an answer when the site goes down gets none. */
function ignoreStop(): void {}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
