import type { Fault } from '../errors.ts';
import { type Building, buildItem } from './build.ts';
import { type AnyDefinition, isDefinition } from './definition.ts';
import { Survey } from './directory.ts';
import { Faults } from './faults.ts';
import { show } from './show.ts';
import type { SupervisorSpec } from './spec.ts';
import { checkStartOrder } from './start-order.ts';
import { warnOfSlowStop } from './stop-warning.ts';

export { compileItem } from './compile-item.ts';

export interface CompileOptions {
  /** The grace period of the system, in milliseconds: a tree that needs longer is warned about. */
  readonly graceMs?: number;
}

export interface CompiledTree {
  readonly root: SupervisorSpec;
  /** Legal, but seldom meant. */
  readonly warnings: readonly Fault[];
  /** Where each definition occurs, copies of a template at `<path>/*`. */
  readonly places: ReadonlyMap<AnyDefinition, readonly string[]>;
}

/**
 * Checks a whole tree and makes the spec that the kernel runs. Nothing is started.
 *
 * @throws DefinitionError with everything that is wrong with it
 */
export function compileTree(root: unknown, options: CompileOptions = {}): CompiledTree {
  const faults = new Faults();
  if (!isDefinition(root) || root.kind !== 'supervisor') {
    refuseRoot(faults, root);
    faults.throwIfAny();
  }
  const definition = root as AnyDefinition;
  const path = String(definition.name);
  const survey = new Survey();
  survey.note(definition, path);
  const building: Building = { faults, directory: survey, explicitStops: new Set() };
  const spec = buildItem(building, definition, { path, autoShutdown: undefined }) as SupervisorSpec;
  checkStartOrder(spec, path, faults);
  faults.throwIfAny();
  warnOfSlowStop(spec, path, options.graceMs ?? 25_000, building);
  return { root: spec, warnings: faults.warnings, places: survey.places };
}

function refuseRoot(faults: Faults, root: unknown): void {
  const code = 'DARUMA_NOT_A_DEFINITION';
  if (isDefinition(root)) {
    const name = String(root.name);
    faults.add(code, name, 'the root is a service; it must be a supervisor.', {
      hint: `supervisor('app', [${name}])`,
    });
    return;
  }
  const isModule = isDefinition((root as { default?: unknown } | null | undefined)?.default);
  faults.add(code, '(root)', `the root is ${show(root)}; it must be a supervisor.`, {
    hint: isModule
      ? 'It is a module: use its default export.'
      : "supervisor('app', [first, second]), as the default export of the file.",
  });
}
