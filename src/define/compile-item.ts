import type { RestartType } from '../../actors/rules/restart.ts';
import type { AutoShutdown } from '../../actors/rules/roster.ts';
import type { Fault } from '../errors.ts';
import { buildItem } from './build.ts';
import { type AnyDefinition, isDefinition } from './definition.ts';
import { type Directory, Survey } from './directory.ts';
import { Faults } from './faults.ts';
import { faultOfName } from './names.ts';
import { show } from './show.ts';
import type { ItemSpec } from './spec.ts';
import { checkStartOrder } from './start-order.ts';

/** Where in a live tree something is added. */
export interface Place {
  /** The path of the supervisor, or of the service that spawns. */
  readonly parentPath: string;
  /** Of that supervisor. */
  readonly autoShutdown: AutoShutdown;
  /** What there is in the live tree. */
  readonly directory: Directory;
  /** The id of the new child. @default the name of the definition */
  readonly id?: string;
  /** The restart type where the options do not say. @default 'permanent' */
  readonly restart?: RestartType;
}

export interface CompiledItem {
  /** Its name is the id. */
  readonly spec: ItemSpec;
  /** Where each definition below occurs. */
  readonly places: ReadonlyMap<AnyDefinition, readonly string[]>;
  /** Legal, but seldom meant. */
  readonly warnings: readonly Fault[];
}

/**
 * Checks a definition that is added to a live tree and makes its spec, as `compileTree` does. Whether
 * the id is taken is for the supervisor to say.
 *
 * @throws DefinitionError with everything that is wrong with it
 */
export function compileItem(definition: unknown, place: Place): CompiledItem {
  const { parentPath, autoShutdown, directory, restart } = place;
  const faults = new Faults();
  if (!isDefinition(definition)) {
    const message = `what is to be started is ${show(definition)}, not a definition.`;
    faults.add('DARUMA_NOT_A_DEFINITION', parentPath, message);
    faults.throwIfAny();
  }
  const known = definition as AnyDefinition;
  const name = place.id ?? String(known.name);
  const path = `${parentPath}/${name}`;
  const survey = new Survey(directory);
  survey.note(known, path);
  const building = { faults, directory: survey, explicitStops: new Set<ItemSpec>() };
  checkId(faults, path, name);
  const spec = buildItem(building, known, {
    path,
    autoShutdown,
    name,
    ...(restart && { defaults: { restart } }),
  });
  checkStartOrder(spec, path, faults);
  faults.throwIfAny();
  return { spec, places: survey.places, warnings: faults.warnings };
}

/** An id follows the rule of names. */
export function checkId(faults: Faults, path: string, id: unknown): void {
  const fault = faultOfName(id);
  if (fault) faults.add('DARUMA_INVALID_NAME', path, `its id ${fault}.`);
}
