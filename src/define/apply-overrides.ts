import { innerReader } from './build.ts';
import { checkId, type Place } from './compile-item.ts';
import { Faults } from './faults.ts';
import { OptionReader } from './option-reader.ts';
import { readService } from './read-service.ts';
import { readSupervisor } from './read-supervisor.ts';
import { resolveNeeds } from './resolve-needs.ts';
import { show } from './show.ts';
import type { ItemSpec, SupervisorSpec } from './spec.ts';

/**
 * The spec of one child of a dynamic supervisor: a copy of the template with what is different. Its
 * name is `overrides.id` where that is given, else `place.id`.
 *
 * @param overrides `{ id?, input?, ...options }` in the form of the definition's options
 * @throws DefinitionError with everything that is wrong with the overrides
 */
export function applyOverrides(
  template: ItemSpec,
  overrides: unknown,
  place: Place & { readonly id: string },
): ItemSpec {
  const faults = new Faults();
  const { parentPath, autoShutdown, directory } = place;
  if (overrides !== undefined && (typeof overrides !== 'object' || overrides === null)) {
    const message = `the overrides are ${show(overrides)}; they must be an object.`;
    faults.add('DARUMA_INVALID_OPTION', parentPath, message, { hint: '{ id, input, ...options }' });
    faults.throwIfAny();
  }
  const { id = place.id, ...options } = (overrides ?? {}) as { id?: string };
  const path = `${parentPath}/${id}`;
  checkId(faults, path, id);
  const own = rebased(template, `${parentPath}/*`, path, id);
  const spec = Object.keys(options).length === 0 ? own : overridden(own);
  faults.throwIfAny();
  return spec;

  function overridden(base: ItemSpec): ItemSpec {
    const reader = new OptionReader(options, path, faults);
    if (base.kind === 'supervisor') {
      refuseShape(reader, base);
      return readSupervisor(reader, base, { autoShutdown });
    }
    const given = reader.raw('needs');
    const needs =
      given === undefined ? base.needs : resolveNeeds({ path, directory, faults }, given);
    const readInner = innerReader({ faults, directory, explicitStops: new Set() }, path);
    return readService(reader, undefined, base, { autoShutdown, needs, readInner });
  }
}

/** What children a copy has is a matter of the template. */
function refuseShape(reader: OptionReader, base: SupervisorSpec): void {
  const becomesDynamic = reader.raw('strategy') === 'dynamic';
  const isChanged = reader.has('strategy') && becomesDynamic !== (base.strategy === 'dynamic');
  const problem = 'a copy has the children of its template.';
  if (isChanged) reader.refuse('DARUMA_INVALID_OPTION', 'strategy', problem);
  if (reader.has('template')) reader.refuse('DARUMA_INVALID_OPTION', 'template', problem);
}

/** The same item at another place: needs within the copy are those of this copy. */
function rebased(spec: ItemSpec, from: string, to: string, name: string): ItemSpec {
  if (spec.kind === 'service') {
    return Object.freeze({ ...spec, name, needs: rebasedNeeds(spec.needs, from, to) });
  }
  const inside = (item: ItemSpec) => rebased(item, from, to, item.name);
  return Object.freeze({
    ...spec,
    name,
    children: spec.children.map(inside),
    template: spec.template && inside(spec.template),
  });
}

type Needs = Extract<ItemSpec, { kind: 'service' }>['needs'];

function rebasedNeeds(needs: Needs, from: string, to: string): Needs {
  if (!needs.some(({ path }) => path.startsWith(`${from}/`))) return needs;
  return needs.map((need) =>
    need.path.startsWith(`${from}/`) ? { ...need, path: to + need.path.slice(from.length) } : need,
  );
}
