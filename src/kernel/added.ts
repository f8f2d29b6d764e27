import { applyOverrides } from '../define/apply-overrides.ts';
import { compileItem, type Place } from '../define/compile-item.ts';
import { type AnyDefinition, isDefinition } from '../define/definition.ts';
import type { Directory, PlaceKind } from '../define/directory.ts';
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
export function compileChild(
  kernel: Kernel,
  parent: TreeNode & { readonly spec: SupervisorSpec },
  child: AnyDefinition | ChildOverrides,
  freshId: () => string,
): AddedChild {
  const { autoShutdown, template } = parent.spec;
  const place = { parentPath: parent.path, autoShutdown, directory: directoryOf(kernel) };
  if (template && !isDefinition(child)) {
    const spec = applyOverrides(template, child, { ...place, id: child.id ?? freshId() });
    return { id: spec.name, spec };
  }
  return added(child, place);
}

/** The spec of what a service spawns: transient unless it says otherwise. */
export function compileSpawned(
  kernel: Kernel,
  parent: TreeNode,
  definition: unknown,
  id: string,
): AddedChild {
  const directory = directoryOf(kernel);
  const parentPath = parent.path;
  return added(definition, {
    parentPath,
    autoShutdown: 'never',
    directory,
    id,
    restart: 'transient',
  });
}

function added(definition: unknown, place: Place): AddedChild {
  const { spec } = compileItem(definition, place);
  return { id: spec.name, spec };
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
