import { service, supervisor } from 'daruma';

/**
 * The smallest useful service: it does something, waits, and does it again. It has no handler for
 * Ctrl-C and no try/catch, because it needs none: `ctx.sleep` ends the moment it is asked to stop,
 * and when something throws its supervisor starts it again.
 */
const clock = service('clock', { watchdog: '5s' }, async (ctx) => {
  for (let ticks = 1; ; ticks++) {
    ctx.log.info(`tick ${ticks}: ${new Date(ctx.now()).toLocaleTimeString()}`);
    // Proof of life: a clock that hangs for five seconds is a failed clock, and is restarted.
    ctx.beat();
    await ctx.sleep('1s');
  }
});

export default supervisor('hello', [clock]);
