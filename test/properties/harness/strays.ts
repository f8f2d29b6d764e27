import type { BodyRun } from './body-run.ts';
import { codeOf } from './scripts.ts';

/** A body that is over calls everything in its context that could act for its successor. */
export function strayCalls(run: BodyRun): void {
  const { ctx, world } = run;
  const calls: Record<string, () => unknown> = {
    ready: () => ctx.ready('late'),
    beat: () => ctx.beat(),
    health: () => ctx.health('unhealthy', 'late'),
    defer: () => ctx.defer(() => {}),
    use: () => ctx.use({}, () => {}),
    send: () => ctx.send(ctx.path, 'ping'),
    ask: () => ctx.ask(ctx.path, 'ping'),
    spawn: () => ctx.spawn(world.serviceOf('late', { form: 'function' })),
  };
  for (const [name, call] of Object.entries(calls)) {
    const at = world.log.entries.length;
    const note = (how: string) => run.note('strays', `${name} ${at} ${how}`);
    try {
      const result = call();
      if (result instanceof Promise) {
        result.then(
          () => note('ok'),
          (error: unknown) => note(codeOf(error)),
        );
      } else {
        note('ok');
      }
    } catch (error) {
      note(codeOf(error));
    }
  }
}
