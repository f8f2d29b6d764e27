import type { Context } from 'daruma';

const longestSilenceMs = 5_000;

/**
 * Waits between two rounds, and beats meanwhile: a watchdog is there for work that hangs, not for
 * somebody who wants to look once an hour.
 */
export async function rest(ctx: Pick<Context, 'sleep' | 'beat'>, ms: number): Promise<void> {
  ctx.beat();
  for (let left = ms; left > 0; left -= longestSilenceMs) {
    await ctx.sleep(Math.min(left, longestSilenceMs));
    ctx.beat();
  }
}
