import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Duration, parseDuration } from '../../../actors/rules/duration.ts';
import { show } from '../../define/show.ts';
import type { ListOptions } from '../../define/storage.ts';
import { invalidKeyError, invalidOptionError, invalidValueError, tooLargeError } from './errors.ts';
import { jsonFault } from './json.ts';

/** What is wrong with what storage is given is found before anything is sent anywhere. */

export const maxKeyBytes = 512;
export const defaultListLimit = 1_000;
export const maxListLimit = 10_000;

export function checkedKey(path: string, key: unknown): string {
  if (typeof key !== 'string') throw invalidKeyError(path, key, 'is not text');
  if (key === '') throw invalidKeyError(path, key, 'is empty');
  // They would be changed on their way to UTF-8, and two keys would become one.
  if (!key.isWellFormed()) throw invalidKeyError(path, key, 'has half of a surrogate pair');
  if (/\p{Cc}/u.test(key)) throw invalidKeyError(path, key, 'has a control character');
  const bytes = Buffer.byteLength(key);
  if (bytes > maxKeyBytes) throw invalidKeyError(path, key, `takes ${bytes} bytes`);
  return key;
}

/** The value as JSON, as it is now: changing it later changes nothing. */
export function checkedValue(path: string, key: string, value: unknown, maxBytes: number): string {
  const fault = jsonFault(value);
  if (fault) {
    const text = `${fault.at} ${fault.problem}, which JSON cannot say`;
    throw invalidValueError(path, key, [text], hintFor(value));
  }
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) throw tooLargeError(path, key, bytes, maxBytes);
  return text;
}

function hintFor(value: unknown): string {
  if (value === undefined) return 'To remove an entry, delete it.';
  return 'Store what it is made of: date.toISOString(), [...map], String(bigint), null for nothing.';
}

/** When an entry expires, in milliseconds since the epoch; null: never. */
export function expiryOf(path: string, ttl: Duration | undefined, now: number): number | null {
  if (ttl === undefined) return null;
  const ms = parseDuration(ttl);
  if (ms === undefined || ms <= 0) {
    throw invalidOptionError(path, `ttl is ${show(ttl)}; it must be a duration above 0.`);
  }
  return Math.ceil(now + ms);
}

export function checkedList(path: string, options: ListOptions): Required<ListOptions> {
  const { prefix = '', after = '', limit = defaultListLimit } = options;
  for (const [name, text] of Object.entries({ prefix, after })) {
    if (typeof text === 'string' && text.isWellFormed()) continue;
    throw invalidOptionError(path, `${name} is ${show(text)}; it must be text.`);
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > maxListLimit) {
    const problem = `it must be a whole number from 1 to ${maxListLimit}`;
    throw invalidOptionError(path, `limit is ${show(limit)}; ${problem}.`);
  }
  return { prefix, after, limit };
}

export function checkedStoreName(path: string, name: unknown): string {
  const isName =
    typeof name === 'string' && /^[^\p{Cc}]{1,100}$/u.test(name) && name.isWellFormed();
  if (isName) return name;
  const problem = 'it must be text of 1 to 100 characters without control characters';
  throw invalidOptionError(path, `the name of a store is ${show(name)}; ${problem}.`);
}

export function checkedSchema<Schema>(path: string, name: string, schema: Schema): Schema {
  const { validate } = (schema as Partial<StandardSchemaV1> | undefined)?.['~standard'] ?? {};
  if (typeof validate === 'function') return schema;
  const problem = 'it must be a Standard Schema, as Valibot, Zod and ArkType make them';
  throw invalidOptionError(
    path,
    `the schema of the store ${show(name)} is ${show(schema)}; ${problem}.`,
  );
}
