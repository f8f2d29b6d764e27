import { applyOverrides } from '../define/apply-overrides.ts';
import { compileItem, type Place } from '../define/compile-item.ts';
import { type AnyDefinition, isDefinition } from '../define/definition.ts';
import type { Directory, PlaceKind } from '../define/directory.ts';
import { resolveConfig } from '../define/resolve-config.ts';
import type { ItemSpec, SupervisorSpec } from '../define/spec.ts';
import type { Kernel } from './kernel.ts';
import type { TreeNode } from './node.ts';
import type { ChildOverrides } from './ref.ts';

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
  freshId: () => string,
): Promise<AddedChild> {
  const { autoShutdown, template } = parent.spec;
  const place = { parentPath: parent.path, autoShutdown, directory: directoryOf(kernel) };
  if (template && !isDefinition(child)) {
    const spec = applyOverrides(template, child, { ...place, id: child.id ?? freshId() });
    return { id: spec.name, spec };
  }
  return await added(kernel, child, place);
}

/** The spec of what a service spawns: transient unless it says otherwise. */
export async function compileSpawned(
  kernel: Kernel,
  parent: TreeNode,
  definition: unknown,
  id: string,
): Promise<AddedChild> {
  const directory = directoryOf(kernel);
  const parentPath = parent.path;
  return await added(kernel, definition, {
    parentPath,
    autoShutdown: 'never',
    directory,
    id,
    restart: 'transient',
  });
}

async function added(kernel: Kernel, definition: unknown, place: Place): Promise<AddedChild> {
  const { spec } = compileItem(definition, place);
  const path = `${place.parentPath}/${spec.name}`;
  if (needsConfig(spec)) {
    const configs = await resolveConfig(spec, kernel.configSources, path);
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
