import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isSecretKey, redact } from '../config.ts';
import { variableFor } from './config-env.ts';
import { closest, didYouMean } from './did-you-mean.ts';
import type { Faults } from './faults.ts';
import { isPlain } from './recorded.ts';
import type { Keys, Settings } from './settings.ts';
import { undeclaredKeys } from './undeclared-keys.ts';

const code = 'DARUMA_INVALID_CONFIG';

/** The validated values of a place, or undefined when they have faults, which are noted. */
export async function validateSettings(
  schema: StandardSchemaV1,
  settings: Settings,
  path: string,
  faults: Faults,
): Promise<{ readonly value: unknown } | undefined> {
  const before = faults.found.length;
  let result = await validated(schema, settings.values);
  if (result.issues && takeTexts(settings, result.issues)) {
    result = await validated(schema, settings.values);
  }
  for (const issue of result.issues ?? []) refuse(settings, path, faults, issue);
  if (result.issues) return undefined;
  for (const keys of await undeclaredKeys(schema, settings.values, result.value)) {
    refuseUndeclared(settings, path, faults, keys, result.value);
  }
  return faults.found.length === before ? { value: result.value } : undefined;
}

async function validated(
  schema: StandardSchemaV1,
  values: unknown,
): Promise<StandardSchemaV1.Result<unknown>> {
  try {
    return await schema['~standard'].validate(values);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { issues: [{ message: `the schema threw: ${message}` }] };
  }
}

/** A password of digits only looks like JSON: what the schema refuses is tried as it was written. */
function takeTexts(settings: Settings, issues: readonly StandardSchemaV1.Issue[]): boolean {
  let isChanged = false;
  for (const issue of issues) {
    const keys = keysOf(issue);
    const origin = settings.originOf(keys);
    if (origin?.text === undefined || settings.at(keys) === origin.text) continue;
    settings.set(keys, origin.text, { source: origin.source });
    isChanged = true;
  }
  return isChanged;
}

function keysOf({ path = [] }: StandardSchemaV1.Issue): Keys {
  return path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
}

function refuse(
  settings: Settings,
  path: string,
  faults: Faults,
  issue: StandardSchemaV1.Issue,
): void {
  const keys = keysOf(issue);
  const name = ['config', ...keys.map(String)].join('.');
  const value = settings.at(keys);
  const source = settings.originOf(keys)?.source;
  const isGiven = value !== undefined && source !== undefined;
  const from = keys.length === 0 ? '' : isGiven ? ` (from ${source})` : ' (not given)';
  const message = isSecret(keys) ? concealed(issue.message, value) : redact(issue.message);
  faults.add(code, path, `${name}: ${message}${from}`, {
    hint: isGiven ? undefined : hintFor(settings, path, keys),
  });
}

function isSecret(keys: Keys): boolean {
  return keys.some((key) => isSecretKey(String(key)));
}

/** Schemas like to quote what they refuse. */
function concealed(message: string, value: unknown): string {
  const texts = [JSON.stringify(value) as string | undefined, String(value)];
  return texts
    .filter((text) => text !== undefined && text !== '')
    .reduce((hidden: string, text) => hidden.replaceAll(text as string, '[redacted]'), message);
}

/** Where to set what is missing, or which of the given keys may have been meant for it. */
function hintFor(settings: Settings, path: string, keys: Keys): string | undefined {
  if (keys.length === 0) return undefined;
  const inside = settings.at(keys.slice(0, -1));
  const given = isPlain(inside) ? Object.keys(inside) : [];
  const meant = closest(String(keys.at(-1)), given);
  const hint = `Set it in config: { '${path}': { ... } }, or as ${variableFor(path, keys)}.`;
  return meant === undefined ? hint : `Was '${meant}' meant for it? ${hint}`;
}

function refuseUndeclared(
  settings: Settings,
  path: string,
  faults: Faults,
  keys: Keys,
  output: unknown,
): void {
  const source = settings.originOf(keys)?.source;
  let inside: unknown = output;
  for (const key of keys.slice(0, -1)) inside = (inside as Record<PropertyKey, unknown>)[key];
  const declared = Object.keys(inside as object);
  faults.add(code, path, `config.${keys.map(String).join('.')} is not declared (from ${source})`, {
    hint: didYouMean(keys.at(-1), declared),
  });
}
