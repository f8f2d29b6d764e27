import { defaultService, defaultSupervisor } from '../define/defaults.ts';
import type { ItemSpec, ServiceSpec, SupervisorSpec } from '../define/spec.ts';

/** What of a spec cannot be written down, and what no invariant looks at. */
const leftOut: readonly string[] = ['body', 'config', 'receive', 'input'];

/** A tree as plain JSON: its policies and those of batteries, without what the user wrote. */
export function packTree(spec: SupervisorSpec): unknown {
  return pack(spec);
}

/** The tree again. Its bodies are empty; a `decide` is only known to be there. */
export function unpackTree(packed: unknown): SupervisorSpec {
  return unpack(packed) as SupervisorSpec;
}

type Packed = Readonly<Record<string, unknown>>;

function pack(spec: ItemSpec): Packed {
  const entries = Object.entries(spec).filter(([key]) => !leftOut.includes(key));
  const packed = entries.map(([key, value]) => [key, packValue(key, value)]);
  const battery = 'body' in spec && spec.body.kind === 'hooks' ? spec.body.battery : undefined;
  if (battery) packed.push(['battery', packValue('battery', battery)]);
  return Object.fromEntries(packed);
}

function packValue(key: string, value: unknown): unknown {
  if (key === 'children') return (value as ItemSpec[]).map(pack);
  if (key === 'template') return value === undefined ? undefined : pack(value as ItemSpec);
  if (key === 'decide') return typeof value === 'function';
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([inner, each]) => [inner, packValue(inner, each)]),
    );
  }
  return value === Number.POSITIVE_INFINITY ? 'infinity' : value;
}

function unpack(packed: unknown): ItemSpec {
  const values = unpackValues(packed as Packed);
  if (values.kind === 'service') {
    const decide = values.decide === true ? () => 'restart' as const : undefined;
    const { battery, ...own } = values;
    const body = { ...defaultService.body, ...(battery !== undefined && { battery }) };
    return { ...defaultService, ...own, decide, body } as ServiceSpec;
  }
  const { children, template } = values as { children: unknown[]; template: unknown };
  return {
    ...defaultSupervisor,
    ...values,
    children: children.map(unpack),
    template: template === undefined ? undefined : unpack(template),
  } as SupervisorSpec;
}

function unpackValues(packed: Packed): Packed {
  return Object.fromEntries(
    Object.entries(packed).map(([key, value]) => {
      if (key === 'children' || key === 'template') return [key, value];
      if (value === 'infinity') return [key, Number.POSITIVE_INFINITY];
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      return [key, isObject ? unpackValues(value as Packed) : value];
    }),
  );
}
