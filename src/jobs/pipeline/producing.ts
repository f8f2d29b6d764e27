import type { HooksSpec } from '../../define/spec.ts';
import { intakeOf } from './intake.ts';

/**
 * The hooks of a service that puts items into a pipeline, as those of a producer: it is over when its
 * items are through. On a drain it takes in no more, after what is to be done on a shutdown.
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
      // Whoever fails of it says so.
      await intake.flow.shutDown().catch(() => {});
      await drain?.(ctx, value);
      await intake.through();
    },
  };
}
