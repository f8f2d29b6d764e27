import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ConfigSources } from '../config.ts';
import { darumaVariables, meaningOf, settingOf } from './config-env.ts';
import { validateSettings } from './config-validation.ts';
import { didYouMean } from './did-you-mean.ts';
import { Faults } from './faults.ts';
import { isWithin } from './names.ts';
import { isPlain } from './recorded.ts';
import { Settings } from './settings.ts';
import type { ItemSpec } from './spec.ts';

/**
 * Brings the values of all sources to the places that declare a `config` schema, and validates them.
 * A place without values is validated with `{}`, so that defaults of the schema apply.
 *
 * @param spec the root, or an item that is added to a live tree: then values for other places are
 * left alone
 * @param path where it is, when it is not the root
 * @returns the validated values by path, copies of a template at `<path>/*`: see `configAt`
 * @throws DefinitionError with every fault: path, key, what the schema says, where the value is from
 */
export async function resolveConfig(
  spec: ItemSpec,
  sources: ConfigSources,
  path: string = spec.name,
): Promise<ReadonlyMap<string, unknown>> {
  const faults = new Faults();
  const places = placesOf(spec, path);
  const gathering: Gathering = { places, path, faults, settings: new Map() };
  if (sources.values) gather(gathering, sources.values, 'config of createSystem');
  if (sources.file) gather(gathering, sources.file.values, sources.file.name);
  if (sources.env) gatherEnv(gathering, sources.env);
  const configs = new Map<string, unknown>();
  for (const [place, schema] of places) {
    if (!schema) continue;
    const settings = gathering.settings.get(place) ?? new Settings();
    const result = await validateSettings(schema, settings, place, faults);
    if (result) configs.set(place, result.value);
  }
  faults.throwIfAny();
  return configs;
}

/**
 * The configuration at a path: its own; or, without a schema of its own, that of the nearest
 * supervisor above that has one. In a dynamic child every id stands for `*`.
 */
export function configAt(configs: ReadonlyMap<string, unknown>, path: string): unknown {
  if (configs.size === 0) return undefined;
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const place = placeLike(configs, path.slice(0, end).split('/'), 1);
    if (place !== undefined) return configs.get(place);
  }
  return undefined;
}

function placeLike(
  configs: ReadonlyMap<string, unknown>,
  names: readonly string[],
  from: number,
): string | undefined {
  const path = names.join('/');
  if (configs.has(path)) return path;
  for (let index = from; index < names.length; index++) {
    if (names[index] === '*') continue;
    const place = placeLike(configs, names.with(index, '*'), index + 1);
    if (place !== undefined) return place;
  }
  return undefined;
}

type Values = Readonly<Record<string, unknown>>;
type Places = ReadonlyMap<string, StandardSchemaV1 | undefined>;

interface Gathering {
  readonly places: Places;
  /** Values for other places than this and those below it are not ours. */
  readonly path: string;
  readonly faults: Faults;
  readonly settings: Map<string, Settings>;
}

/** All places of a tree, with their schemas. */
function placesOf(spec: ItemSpec, path: string): Places {
  const places = new Map<string, StandardSchemaV1 | undefined>();
  const open = [{ spec, path }];
  for (const item of open) {
    places.set(item.path, item.spec.config);
    if (item.spec.kind === 'service') continue;
    const { children, template } = item.spec;
    for (const child of template ? [template] : children) {
      open.push({ spec: child, path: `${item.path}/${child.name}` });
    }
  }
  return places;
}

function gather(gathering: Gathering, given: Values, source: string): void {
  const { places, path: own, faults } = gathering;
  for (const [path, values] of Object.entries(given)) {
    if (values === undefined || (own.includes('/') && !isWithin(path, own))) continue;
    if (!places.get(path)) refusePlace(gathering, source, path);
    else if (isPlain(values)) settingsAt(gathering, path).merge(values, { source });
    else {
      // What it is instead is not told: it may be a secret.
      const message = `${source} is not an object here; it must have values by key.`;
      faults.add('DARUMA_INVALID_CONFIG', path, message);
    }
  }
}

function settingsAt({ settings }: Gathering, path: string): Settings {
  const known = settings.get(path) ?? new Settings();
  settings.set(path, known);
  return known;
}

function gatherEnv(gathering: Gathering, env: NonNullable<ConfigSources['env']>): void {
  const { places, path: own } = gathering;
  const declared = declaredIn(places);
  for (const [name, text] of darumaVariables(env)) {
    const setting = settingOf(name, declared);
    const value = meaningOf(text);
    if (setting && setting.keys.length > 0) {
      settingsAt(gathering, setting.path).set(setting.keys, value, { source: name, text });
    } else if (setting) {
      gather(gathering, { [setting.path]: value }, name);
    } else if (!own.includes('/')) {
      const place = settingOf(name, places.keys());
      const likely = name.split('__').slice(1, -1).join('/');
      refusePlace(gathering, name, place && place.keys.length < 2 ? place.path : likely);
    }
  }
}

const declaredIn = (places: Places): string[] =>
  [...places].filter(([, schema]) => schema).map(([path]) => path);

/** Nothing at this path takes configuration, or there is no such path. */
function refusePlace({ places, path: own, faults }: Gathering, source: string, path: string): void {
  const declared = declaredIn(places);
  const isThere = places.has(path);
  const problem = isThere
    ? 'has values for it, but it declares no config.'
    : `has values for '${path}', which is not in the tree.`;
  const list = declared.length === 0 ? 'none' : declared.join(', ');
  const meant = isThere ? undefined : didYouMean(path, declared);
  faults.add('DARUMA_INVALID_CONFIG', isThere ? path : own, `${source} ${problem}`, {
    hint: meant ?? `Places with a config schema: ${list}.`,
  });
}
