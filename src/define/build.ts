import type { AutoShutdown } from '../../actors/rules/roster.ts';
import type { ReadInner } from './battery.ts';
import { defaultService, defaultSupervisor } from './defaults.ts';
import {
  type AnyDefinition,
  type AnyService,
  type AnySupervisor,
  isDefinition,
} from './definition.ts';
import { type Directory, Survey } from './directory.ts';
import type { Faults } from './faults.ts';
import { faultOfName } from './names.ts';
import { OptionReader } from './option-reader.ts';
import { readService } from './read-service.ts';
import { isStatic, readSupervisor } from './read-supervisor.ts';
import { resolveNeeds } from './resolve-needs.ts';
import { isThenable, show } from './show.ts';
import type { ItemSpec, ServiceSpec, SupervisorSpec } from './spec.ts';

/** What building a spec reads from and writes to. */
export interface Building {
  readonly faults: Faults;
  readonly directory: Directory;
  /** Specs whose `stopWithin` was given. */
  readonly explicitStops: Set<ItemSpec>;
}

/** Where an item goes. */
export interface Site {
  readonly path: string;
  /** Of the supervisor it belongs to; undefined for the root. */
  readonly autoShutdown: AutoShutdown | undefined;
  /** Its name; the copies of a template have none of their own. @default that of the definition */
  readonly name?: string;
  /** What is not said by the options. */
  readonly defaults?: Partial<Pick<ItemSpec, 'restart'>>;
}

/** The spec of a definition and everything below it. Faults are noted, never thrown. */
export function buildItem(building: Building, definition: AnyDefinition, site: Site): ItemSpec {
  const name = site.name ?? definition.name;
  const fault = site.name === undefined ? faultOfName(name) : undefined;
  if (fault) {
    building.faults.add('DARUMA_INVALID_NAME', site.path, `its name ${fault}.`, {
      hint: 'A name is one segment of a path: letters, digits and most signs, but no / and no space.',
    });
  }
  const reader = readerOf(building, definition, site.path);
  if (!reader)
    return { ...(definition.kind === 'service' ? defaultService : defaultSupervisor), name };
  const spec =
    definition.kind === 'service'
      ? buildService(building, definition, reader, name, site)
      : buildSupervisor(building, definition, reader, name, site);
  if (reader.has('stopWithin')) building.explicitStops.add(spec);
  return spec;
}

/** Undefined when there are no options that could be read; nothing else is said about it then. */
function readerOf(
  { faults }: Building,
  definition: AnyDefinition,
  path: string,
): OptionReader | undefined {
  const options = definition.options ?? {};
  if (typeof options === 'object' && !Array.isArray(options) && !isDefinition(options)) {
    return new OptionReader(options, path, faults);
  }
  const message = `its options are ${show(options)}; they must be an object.`;
  const hint = isDefinition(options)
    ? `Children are a list: supervisor('${definition.name}', [${options.name}]).`
    : undefined;
  faults.add('DARUMA_INVALID_OPTION', path, message, { hint });
  return undefined;
}

function buildService(
  building: Building,
  definition: AnyService,
  reader: OptionReader,
  name: string,
  { path, autoShutdown, defaults }: Site,
): ServiceSpec {
  const { directory, faults } = building;
  const needs = resolveNeeds({ path, directory, faults }, reader.raw('needs'));
  const base = { ...defaultService, name, ...defaults };
  const readInner = innerReader(building, path);
  return readService(reader, definition.body, base, { autoShutdown, needs, readInner });
}

/** Reads what a battery at this place will start below itself. */
export function innerReader(building: Building, path: string): ReadInner {
  return (definition) => {
    const at = `${path}/${definition.name}`;
    const directory = new Survey(building.directory);
    directory.note(definition, at);
    const site = { path: at, autoShutdown: 'never', defaults: { restart: 'transient' } } as const;
    return buildItem({ ...building, directory, explicitStops: new Set() }, definition, site);
  };
}

function buildSupervisor(
  building: Building,
  definition: AnySupervisor,
  reader: OptionReader,
  name: string,
  { autoShutdown, defaults }: Site,
): SupervisorSpec {
  const { battery } = definition;
  const base = { ...defaultSupervisor, name, ...battery?.base, ...defaults };
  const spec = readSupervisor(reader, base, { autoShutdown }, battery?.options);
  const isDynamic = spec.strategy === 'dynamic';
  checkTemplate(reader, definition.children, isDynamic);
  const whole = {
    ...spec,
    children: isDynamic
      ? []
      : buildChildren(building, reader, definition.children, spec.autoShutdown),
    template: isDynamic ? buildTemplate(building, reader, spec.autoShutdown) : undefined,
  };
  return Object.freeze(battery ? battery.read(reader, whole) : whole);
}

function checkTemplate(reader: OptionReader, children: unknown, isDynamic: boolean): void {
  const { path, faults } = reader;
  const code = 'DARUMA_INVALID_TEMPLATE';
  const example = "supervisor('pool', { strategy: 'dynamic', template: worker })";
  if (isDynamic && !reader.has('template')) {
    faults.add(code, path, 'it is dynamic, but has no template.', { hint: example });
  }
  if (isDynamic && children !== undefined) {
    faults.add(code, path, 'it is dynamic, but has a list of children.', {
      hint: `Its children are copies of the template, started by calls: ${example}`,
    });
  }
  if (!isStatic(reader.raw('strategy'))) return;
  if (reader.has('template')) {
    faults.add(code, path, 'it has a template, but is not dynamic.', { hint: example });
  }
  if (reader.has('maxChildren')) {
    reader.refuse(
      'DARUMA_INVALID_OPTION',
      'maxChildren',
      'it is for dynamic supervisors.',
      example,
    );
  }
}

function buildTemplate(
  building: Building,
  reader: OptionReader,
  autoShutdown: AutoShutdown,
): ItemSpec | undefined {
  const template = reader.raw('template');
  if (template === undefined) return undefined;
  if (isDefinition(template)) {
    const path = `${reader.path}/*`;
    return buildItem(building, template, { path, autoShutdown, name: '*' });
  }
  const problem = 'it must be a definition.';
  reader.refuse('DARUMA_INVALID_TEMPLATE', 'template', problem, hintFor(template));
  return undefined;
}

function buildChildren(
  building: Building,
  reader: OptionReader,
  children: unknown,
  autoShutdown: AutoShutdown,
): readonly ItemSpec[] {
  const { path, faults } = reader;
  if (!Array.isArray(children)) {
    const hint = "supervisor('name', { ... }, [a, b]); an empty list is fine.";
    const message = `its children are ${show(children)}; they must be a list.`;
    if (isStatic(reader.raw('strategy')))
      faults.add('DARUMA_NOT_A_DEFINITION', path, message, { hint });
    return [];
  }
  const specs = new Map<string, ItemSpec>();
  const repeated = new Map<string, number>();
  for (const [index, child] of children.entries()) {
    if (!isDefinition(child)) {
      const message = `child ${index + 1} of ${children.length} is ${show(child)}, not a definition.`;
      faults.add('DARUMA_NOT_A_DEFINITION', path, message, { hint: hintFor(child) });
      continue;
    }
    const spec = buildItem(building, child, { path: `${path}/${child.name}`, autoShutdown });
    // A name that is there already stands for the first that has it.
    if (specs.has(spec.name)) repeated.set(spec.name, (repeated.get(spec.name) ?? 1) + 1);
    else specs.set(spec.name, spec);
  }
  for (const [name, count] of repeated) {
    const message = `${count} children of ${path} have this name.`;
    faults.add('DARUMA_DUPLICATE_ID', `${path}/${name}`, message, {
      hint: 'Names are unique below one supervisor; rename one, or use a dynamic supervisor.',
    });
  }
  return Object.freeze([...specs.values()]);
}

function hintFor(value: unknown): string | undefined {
  if (value === undefined) {
    return 'A forgotten import or export, or two files that import each other.';
  }
  if (value === null || typeof value === 'boolean') {
    return 'For a child that is not always there, spread a list: ...(isOn ? [child] : []).';
  }
  if (Array.isArray(value)) return 'Spread the list: [...list].';
  if (isThenable(value)) return 'Await it first.';
  if (typeof value === 'function') return "Wrap it: service('name', fn).";
  if (isDefinition((value as { default?: unknown }).default)) {
    return 'It is a module: use its default export.';
  }
  return "service('name', ...) and supervisor('name', ...) make definitions.";
}
