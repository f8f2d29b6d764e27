import { applyOverrides } from '../define/apply-overrides.ts';
import { compileItem, type Place } from '../define/compile-item.ts';
import { type AnyDefinition, isDefinition } from '../define/definition.ts';
import type { Directory, PlaceKind } from '../define/directory.ts';
import { resolveConfig } from '../define/resolve-config.ts';
import type { ItemSpec, SupervisorSpec } from '../define/spec.ts';
import type { Kernel } from './kernel.ts';
import type { TreeNode } from './node.ts';
import type { ChildOverrides } from './ref.ts';

/** Values for the schema of what is added. */
type ConfigValues = Readonly<Record<string, unknown>> | undefined;

/** A child on its way into a live tree. */
export interface AddedChild {
  readonly id: string;
  readonly spec: ItemSpec;
}

/**
 * The spec of what `startChild` was given: a definition, or overrides of a dynamic supervisor's
 * template.
 *
 * @throws DefinitionError with everything that is wrong with it
 */
export async function compileChild(
  kernel: Kernel,
  parent: TreeNode & { readonly spec: SupervisorSpec },
  child: AnyDefinition | ChildOverrides,
  config: ConfigValues,
  freshId: () => string,
): Promise<AddedChild> {
  const { autoShutdown, template } = parent.spec;
  const place = { parentPath: parent.path, autoShutdown, directory: directoryOf(kernel) };
  if (template && !isDefinition(child)) {
    const spec = applyOverrides(template, child, { ...place, id: child.id ?? freshId() });
    return { id: spec.name, spec };
  }
  return await added(kernel, child, place, config);
}

/** The spec of what a service spawns: transient unless it says otherwise. */
export async function compileSpawned(
  kernel: Kernel,
  parent: TreeNode,
  definition: unknown,
  id: string,
  config: ConfigValues,
): Promise<AddedChild> {
  const directory = directoryOf(kernel);
  const parentPath = parent.path;
  const place = { parentPath, autoShutdown: 'never', directory, id, restart: 'transient' } as const;
  return await added(kernel, definition, place, config);
}

async function added(
  kernel: Kernel,
  definition: unknown,
  place: Place,
  config: ConfigValues,
): Promise<AddedChild> {
  const { spec } = compileItem(definition, place);
  const path = `${place.parentPath}/${spec.name}`;
  if (needsConfig(spec)) {
    const values = { ...kernel.configSources.values, ...(config && { [path]: config }) };
    const configs = await resolveConfig(spec, { ...kernel.configSources, values }, path);
    for (const [at, value] of configs) kernel.configs.set(at, value);
  }
  return { id: spec.name, spec };
}

function needsConfig(spec: ItemSpec): boolean {
  if (spec.config) return true;
  if (spec.kind === 'service') return false;
  return (
    spec.children.some(needsConfig) || (spec.template !== undefined && needsConfig(spec.template))
  );
}

/** What there is in the live tree, for needs to be looked up in. */
function directoryOf(kernel: Kernel): Directory {
  const { tree } = kernel;
  return {
    placesOf: (definition) => kernel.placesOf(definition),
    kindAt(path): PlaceKind | undefined {
      const spec = tree.get(path)?.spec;
      if (spec?.kind !== 'supervisor') return spec?.kind;
      return spec.strategy === 'dynamic' ? 'dynamic' : 'supervisor';
    },
    *paths() {
      for (const node of tree.all()) yield node.path;
    },
  };
}
