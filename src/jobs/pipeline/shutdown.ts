import type { Battery } from '../../define/battery.ts';
import type { Context } from '../../define/context.ts';
import { type Backstage, backstage } from '../../kernel/backstage.ts';
import { type Flow, flowAt } from './flow.ts';

/**
 * The last part of a pipeline to start and the first to stop: has what is to be done on a shutdown
 * done before any other part is asked to stop.
 */
export const shutdownBattery: Battery = {
  battery: 'shutdown',
  options: [],
  read: () => ({
    kind: 'hooks',
    start: (ctx: Context) => backstage(ctx),
    run: undefined,
    // Restarted alone it has nothing to do.
    stop: (_ctx: unknown, stage: Backstage) =>
      stage.node.superior?.isHalting ? flowOf(stage).shutDown() : undefined,
    drain: (_ctx: unknown, stage: Backstage) => flowOf(stage).shutDown(),
    ready: 'immediate',
    battery: { kind: 'shutdown', policy: {} },
  }),
};

function flowOf({ kernel, path }: Backstage): Flow {
  return flowAt(kernel, path);
}
