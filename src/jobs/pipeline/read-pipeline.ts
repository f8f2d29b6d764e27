import type { GroupBattery } from '../../define/battery.ts';
import type { OptionReader } from '../../define/option-reader.ts';
import { show } from '../../define/show.ts';
import type { ItemSpec, SupervisorSpec } from '../../define/spec.ts';
import type { PipelineDesign, Rule } from './design.ts';

export const batteryKind = 'pipeline';

/** The options of a supervisor that make sense for a pipeline, and its own. */
const options = [
  'restart',
  'significant',
  'backoff',
  'config',
  'stopWithin',
  'intensity',
  'period',
  'whenExhausted',
  'maxInFlight',
  'onShutdown',
  'shutdownWithin',
  'whenProducersEnd',
];

export const defaultMaxInFlight = 1_024;

/** @param producers how many there are */
export function pipelineBattery(design: PipelineDesign, producers: number): GroupBattery {
  return {
    battery: batteryKind,
    options,
    base: { restart: 'transient', autoShutdown: 'any-significant' },
    read(reader, spec) {
      checkParts(reader, design, producers);
      reader.func('onShutdown', undefined);
      const policy = {
        maxInFlight: reader.number('maxInFlight', defaultMaxInFlight, { min: 1, isWhole: true }),
        whenProducersEnd: reader.choice('whenProducersEnd', ['end', 'stay'], 'end'),
        shutdownWithinMs: reader.duration('shutdownWithin', 5_000, { isPositive: true }),
      };
      const { intensity, periodMs, whenExhausted } = spec;
      return {
        ...spec,
        battery: { kind: batteryKind, policy },
        // The budget is that of each group: when one has used it up, so has the pipeline.
        intensity: 0,
        whenExhausted: 'escalate',
        children: spec.children.map((child) =>
          isGroup(child) ? Object.freeze({ ...child, intensity, periodMs, whenExhausted }) : child,
        ),
      };
    },
  };
}

function isGroup(spec: ItemSpec): spec is SupervisorSpec {
  return spec.kind === 'supervisor';
}

function checkParts(
  { path, faults }: OptionReader,
  { key, handlers }: PipelineDesign,
  producers: number,
): void {
  if (producers === 0) {
    faults.add('DARUMA_NO_PRODUCERS', path, 'it has no producer: nothing would ever flow.', {
      hint: ".producer('name', async function* (ctx) { yield item; })",
    });
  }
  if (handlers.length === 0) {
    faults.add('DARUMA_NO_ROUTER', path, 'it has no handler: its items would go nowhere.', {
      hint: ".always('name', async (payload, ctx) => result), or .router(key).on(id, handler).",
    });
  }
  if (key !== undefined && typeof key !== 'string' && typeof key !== 'function') {
    faults.add('DARUMA_INVALID_OPTION', path, `its router is ${show(key)}; it must be a key.`, {
      hint: ".router('type'), or .router((payload) => payload.type).",
    });
  }
  for (const { name, rule } of handlers) {
    const problem = problemOf(rule);
    if (problem !== undefined) {
      faults.add('DARUMA_INVALID_OPTION', `${path}/handlers/${name}`, problem);
    }
  }
  const byId = handlers.filter(({ rule }) => rule.kind === 'id').map(({ name }) => name);
  if (byId.length > 0 && key === undefined) {
    const message = `it has handlers by id (${byId.join(', ')}), but nothing says the id of an item.`;
    faults.add('DARUMA_NO_ROUTER', path, message, {
      hint: "Say it before .on(): .router('type'), or .router((payload) => payload.type).",
    });
  }
}

function problemOf(rule: Rule): string | undefined {
  if (rule.kind === 'when' && typeof rule.matches !== 'function') {
    return `its predicate is ${show(rule.matches)}; it must be a function.`;
  }
  if (rule.kind !== 'id') return undefined;
  const isFine = Array.isArray(rule.ids) && rule.ids.every((id) => typeof id === 'string');
  return isFine ? undefined : `ids is ${show(rule.ids)}; it must be a list of text.`;
}
