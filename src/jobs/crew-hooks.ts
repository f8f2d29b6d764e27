import { hostname } from 'node:os';
import type { Context } from '../define/context.ts';
import type { AnyQueue } from '../define/queue.ts';
import type { BatterySpec, HooksSpec } from '../define/spec.ts';
import { backstage } from '../kernel/backstage.ts';
import type { LiveContext } from '../kernel/live-context.ts';
import { Crew } from './crew.ts';
import { officeOf } from './facility.ts';
import type { Places } from './handlers.ts';
import type { ScopeFactories } from './job.ts';
import type { JobWorker } from './worker.ts';

/** Whatever claims the jobs of a queue. */
export interface CrewKind {
  readonly battery: BatterySpec;
  readonly factories: ScopeFactories;
  /** Made for each incarnation. */
  placesOf(ctx: Context): Places;
}

/** The hooks of a service that runs the jobs of a queue. */
export function crewHooks(
  queue: AnyQueue,
  { battery, factories, placesOf }: CrewKind,
): HooksSpec & { readonly drain: NonNullable<HooksSpec['drain']> } {
  const crews = new WeakMap<JobWorker, Crew>();
  const start = (ctx: Context): JobWorker => {
    const stage = backstage(ctx);
    const office = officeOf(stage);
    office.queues.meet(stage.path, queue);
    const crew = new Crew({
      backstage: stage,
      base: ctx as unknown as LiveContext,
      office,
      queue,
      factories,
      places: placesOf(ctx),
      holder: `${hostname()} ${process.pid} ${stage.path}`,
    });
    const handle = handleOf(crew);
    crews.set(handle, crew);
    return handle;
  };
  return {
    kind: 'hooks',
    start,
    run: (ctx: Context, handle: JobWorker) => {
      crews.get(handle)?.begin();
      return new Promise<void>((resolve) => void backstage(ctx).onCancel(resolve));
    },
    stop: undefined,
    drain: (_ctx: Context, handle: JobWorker) => crews.get(handle)?.drain(),
    ready: 'immediate',
    battery,
  };
}

function handleOf(crew: Crew): JobWorker {
  return Object.freeze({
    queue: crew.queue.name,
    get running() {
      return crew.running;
    },
    get standing() {
      return crew.standing;
    },
  });
}
