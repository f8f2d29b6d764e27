import type { BodySpec, ItemSpec, SupervisorSpec } from '../define/spec.ts';
import { worstCaseStartMs, worstCaseStopMs } from '../define/worst-case.ts';
import type { Fault } from '../errors.ts';
import type { Outlook } from './outlook.ts';

/**
 * A compiled tree as plain data, with every default filled in. Milliseconds; null: no limit.
 * Of functions it says only that they are there.
 */
export function treeJson(
  root: SupervisorSpec,
  outlook: Outlook,
  warnings: readonly Fault[],
): string {
  const { startMs, bootWithinMs, stopMs, stopWithinMs, graceMs } = outlook;
  const data = {
    worstCase: { startMs, bootWithinMs, stopMs, stopWithinMs, graceMs },
    warnings,
    tree: itemData(root, root.name),
  };
  return JSON.stringify(data, withoutInfinity, 2);
}

function itemData(spec: ItemSpec, path: string): object {
  const { kind, name, config, ...rest } = spec;
  const base = { kind, name, path, ...rest, config: config !== undefined };
  if (spec.kind === 'service') {
    const { decide, receive, body, health } = spec;
    return {
      ...base,
      decide: decide !== undefined,
      receive: Object.keys(receive ?? {}),
      health: health.map(({ check: _, ...policy }) => policy),
      body: bodyData(body),
    };
  }
  const { template, children } = spec;
  return {
    ...base,
    intensity: spec.intensity ?? null,
    worstCase: { startMs: worstCaseStartMs(spec, path), stopMs: worstCaseStopMs(spec, path) },
    template: template ? itemData(template, `${path}/${template.name}`) : null,
    children: children.map((child) => itemData(child, `${path}/${child.name}`)),
  };
}

function bodyData(body: BodySpec): object {
  if (body.kind === 'logic') {
    const { id } = body.logic as { id?: unknown };
    return {
      kind: 'logic',
      id: typeof id === 'string' ? id : null,
      readyWhen: body.ready !== undefined,
    };
  }
  const { start, run, stop, drain } = body;
  const hooks = Object.entries({ start, run, stop, drain }).flatMap(([hook, fn]) =>
    fn ? [hook] : [],
  );
  return { kind: 'hooks', hooks, ready: body.ready, battery: body.battery ?? null };
}

/** JSON has no Infinity, and leaves out what is undefined. */
function withoutInfinity(_key: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY || value === undefined ? null : value;
}
