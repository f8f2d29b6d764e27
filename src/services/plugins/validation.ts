import { Ajv, type ErrorObject } from 'ajv';
import { messageOf } from '../../events.ts';
import { invalidPluginError } from './errors.ts';
import { manifestSchema, type PluginManifest } from './manifest-schema.ts';

const ajv = new Ajv({ allErrors: true, strict: false });
const isManifest = ajv.compile<PluginManifest>(manifestSchema);

/** @throws DARUMA_INVALID_PLUGIN with every fault, at its place in the manifest */
export function checkedManifest(value: unknown): PluginManifest {
  if (!isManifest(value)) {
    throw invalidPluginError(nameOf(value), 'The manifest', faultsOf(isManifest.errors));
  }
  const { name, config_schema: schema } = value;
  if (schema) compiled(name, schema);
  return value;
}

/**
 * The defaults of the manifest with what is given on top, as its schema makes it.
 *
 * @throws DARUMA_INVALID_PLUGIN with every fault
 */
export function checkedConfig(
  { name, config_schema: schema, default_config: defaults }: PluginManifest,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const config = structuredClone({ ...defaults, ...given });
  if (schema) {
    const isValid = compiled(name, schema);
    if (!isValid(config)) {
      const hint = 'Nothing was changed: the plugin goes on with what it had.';
      throw invalidPluginError(name, 'The configuration', faultsOf(isValid.errors), hint);
    }
  }
  return Object.freeze(config);
}

/** One for each configuration: it fills in the defaults that the schema itself has. */
function compiled(name: string, schema: Readonly<Record<string, unknown>>) {
  try {
    return new Ajv({ allErrors: true, strict: false, useDefaults: true }).compile(schema);
  } catch (error) {
    throw invalidPluginError(name, 'The config_schema', [messageOf(error)]);
  }
}

function faultsOf(errors: readonly ErrorObject[] | null | undefined): string[] {
  return (errors ?? []).map(({ instancePath, message, params }) => {
    const { additionalProperty, allowedValues } = params as {
      additionalProperty?: string;
      allowedValues?: readonly unknown[];
    };
    const detail = additionalProperty ?? allowedValues?.join(', ');
    const where = instancePath === '' ? 'it' : instancePath.slice(1).replaceAll('/', '.');
    return `${where} ${message}${detail === undefined ? '' : `: ${detail}`}`;
  });
}

function nameOf(value: unknown): string {
  const { name } = (value ?? {}) as { name?: unknown };
  return typeof name === 'string' ? name : 'without a name';
}
