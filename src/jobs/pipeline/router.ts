import type { Battery } from '../../define/battery.ts';
import type { Context } from '../../define/context.ts';
import type { BatterySpec, SupervisorSpec } from '../../define/spec.ts';
import { backstage } from '../../kernel/backstage.ts';
import type { TreeNode } from '../../kernel/node.ts';
import type { PipelineDesign } from './design.ts';
import { type Buffer, Flow, openFlow } from './flow.ts';
import { Meter } from './meter.ts';

/** What is known of a pipeline at the moment: the ready value of its `router`. */
export interface PipelineState {
  /** Items on their way. */
  readonly inFlight: number;
  readonly maxInFlight: number;
}

/** The first part of a pipeline to start and the last to stop: what flows through it is its own. */
export function routerBattery(
  design: PipelineDesign,
  onShutdown: ((ctx: Context) => unknown) | undefined,
): Battery {
  return {
    battery: 'router',
    options: [],
    read: () => ({
      kind: 'hooks',
      start: (ctx: Context) => open(ctx, design, onShutdown),
      run: undefined,
      stop: undefined,
      drain: undefined,
      ready: 'immediate',
      battery: {
        kind: 'router',
        policy: {
          key: typeof design.key === 'function' ? 'function' : (design.key ?? null),
          handlers: design.handlers.map(({ name, rule }) => ({
            name,
            for: rule.kind === 'id' ? rule.ids : rule.kind,
          })),
        },
      },
    }),
  };
}

function open(
  ctx: Context,
  design: PipelineDesign,
  onShutdown: ((ctx: Context) => unknown) | undefined,
): PipelineState {
  const stage = backstage(ctx);
  const pipeline = stage.node.parent as TreeNode;
  const spec = pipeline.spec as SupervisorSpec;
  const { maxInFlight } = (spec.battery as BatterySpec).policy as { readonly maxInFlight: number };
  const meter = new Meter(ctx.metrics);
  const flow = openFlow(stage.kernel, pipeline, () => {
    return new Flow(pipeline, stage, meter, { design, maxInFlight, buffers: buffersOf(spec) });
  });
  flow.speakThrough(stage);
  flow.onShutDown(() => stage.attribute(() => onShutdown?.(ctx)));
  const endWithAll = () => {
    // Restarted alone, it finds everything as it was.
    if (stage.node.superior?.isHalting) flow.end();
  };
  stage.onAbandon(endWithAll);
  ctx.defer(async () => {
    if (!stage.node.superior?.isHalting) return;
    // A start that failed: nobody has been asked yet.
    try {
      if (!flow.hasShutDown) await flow.shutDown();
    } finally {
      flow.end();
    }
  });
  return {
    get inFlight() {
      return flow.inFlight;
    },
    maxInFlight,
  };
}

/** The buffers of the consumers, in their order. */
function buffersOf({ children }: SupervisorSpec): Buffer[] {
  const group = children.find(({ name }) => name === 'consumers');
  if (group?.kind !== 'supervisor') return [];
  return group.children.map((consumer) => {
    const body = consumer.kind === 'service' ? consumer.body : undefined;
    const policy = body?.kind === 'hooks' ? body.battery?.policy : undefined;
    return policy as unknown as Buffer;
  });
}
