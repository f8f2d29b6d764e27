import { isDeepStrictEqual } from 'node:util';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isPlain } from './recorded.ts';
import type { Keys } from './settings.ts';

/**
 * The keys that a schema has never heard of. Standard Schema does not tell what a schema declares,
 * and most schemas drop what they do not know without a word. A key is undeclared when it is not in
 * the output and nothing changes whatever its value is.
 */
export async function undeclaredKeys(
  schema: StandardSchemaV1,
  input: Readonly<Record<string, unknown>>,
  output: unknown,
): Promise<Keys[]> {
  const undeclared: Keys[] = [];
  for (const keys of droppedKeys(input, output)) {
    if (!(await makesDifference(schema, input, output, keys))) undeclared.push(keys);
  }
  return undeclared;
}

function droppedKeys(input: unknown, output: unknown, above: Keys = []): Keys[] {
  if (!isPlain(input) || !isPlain(output)) return [];
  return Object.keys(input).flatMap((key) =>
    Object.hasOwn(output, key)
      ? droppedKeys(input[key], output[key], [...above, key])
      : [[...above, key]],
  );
}

async function makesDifference(
  schema: StandardSchemaV1,
  input: Readonly<Record<string, unknown>>,
  output: unknown,
  keys: Keys,
): Promise<boolean> {
  try {
    const probe = replaced(input, keys, Symbol('probe'));
    const result = await schema['~standard'].validate(probe);
    return result.issues !== undefined || !isDeepStrictEqual(result.value, output);
  } catch {
    return true;
  }
}

function replaced(input: unknown, [key, ...rest]: Keys, value: unknown): unknown {
  if (key === undefined) return value;
  const inner = (input as Record<PropertyKey, unknown>)[key];
  return { ...(input as object), [key]: replaced(inner, rest, value) };
}
