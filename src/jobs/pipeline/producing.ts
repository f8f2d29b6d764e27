import type { HooksSpec } from '../../define/spec.ts';
import { intakeOf } from './intake.ts';

/**
 * The hooks of a service that puts items into a pipeline, as those of a producer: it is over when its
 * items are through. A drain takes effect at once; a source may be asked for more until that is done
 * which is to be done on a shutdown.
 */
export function producing(hooks: HooksSpec): HooksSpec {
  const { start, run, stop, drain } = hooks;
  return {
    ...hooks,
    start:
      start &&
      ((ctx: unknown) => {
        // There before anything that it starts wants it.
        intakeOf(ctx);
        return start(ctx);
      }),
    run:
      run &&
      (async (ctx: unknown, value: unknown) => {
        const intake = intakeOf(ctx);
        await run(ctx, value);
        await intake.through();
      }),
    stop: async (ctx: unknown, value: unknown) => {
      const intake = intakeOf(ctx);
      intake.stop();
      await stop?.(ctx, value);
      await intake.through();
    },
    drain: async (ctx: unknown, value: unknown) => {
      const intake = intakeOf(ctx);
      const drained = (async () => void (await drain?.(ctx, value)))();
      // Whoever fails of the shutdown says so.
      await Promise.allSettled([intake.flow.shutDown(), drained]);
      intake.close();
      await drained;
      await intake.through();
    },
  };
}
