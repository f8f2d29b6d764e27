import { createHash } from 'node:crypto';

// Plain JavaScript, as plugins come: built elsewhere, and installed while the watchtower runs.

/**
 * Compares the page with what it was, also before the last restart of the process.
 *
 * @param {import('daruma').PluginContext} ctx
 */
export async function run(ctx) {
  for (;;) {
    try {
      await compare(ctx);
      ctx.health('healthy');
    } catch (error) {
      ctx.signal.throwIfAborted();
      ctx.health('degraded', error.cause?.code ?? error.message);
    }
    await ctx.sleep(ctx.config.every);
  }
}

/** Another address is taken at the next look: there is nothing to begin anew. */
export function onConfigChange() {}

/** @param {import('daruma').PluginContext} ctx */
async function compare(ctx) {
  const { url } = ctx.config;
  const response = await ctx.fetch(url);
  if (!response.ok) throw new Error(`the page answers HTTP ${response.status}`);
  const text = await response.text();
  const digest = createHash('sha256').update(text).digest('hex');
  const { pathname } = new URL(url);
  const before = await ctx.storage.get(pathname);
  if (before === digest) return;
  await ctx.storage.set(pathname, digest);
  if (before === undefined) return;
  ctx.notify(`${pathname} has changed`, text.slice(0, 80), { key: `changed ${pathname}` });
}
