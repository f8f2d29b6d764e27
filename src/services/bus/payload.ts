import type { StandardSchemaV1 } from '@standard-schema/spec';
import { redact } from '../../config.ts';
import { messageOf } from '../../events.ts';
import { invalidPayloadError } from './errors.ts';

/** A value that is to be checked. */
export interface Subject {
  /** Who is to blame when it does not fit. */
  readonly path: string;
  readonly topic: string;
  readonly what: 'payload' | 'reply';
}

/**
 * What a schema makes of a value; the value itself where there is none.
 *
 * @throws DARUMA_INVALID_PAYLOAD naming every issue
 */
export function checked(
  schema: StandardSchemaV1 | undefined,
  value: unknown,
  { path, topic, what }: Subject,
): unknown {
  if (!schema) return value;
  const result = validated(schema, value);
  if (!result.issues) return result.value;
  throw invalidPayloadError(path, topic, what, result.issues.map(textOf));
}

function validated(schema: StandardSchemaV1, value: unknown): StandardSchemaV1.Result<unknown> {
  try {
    const result = schema['~standard'].validate(value);
    if (!(result instanceof Promise)) return result;
    result.catch(() => {});
    return { issues: [{ message: 'its schema is asynchronous, and emit() cannot wait for it' }] };
  } catch (error) {
    return { issues: [{ message: `the schema threw: ${messageOf(error)}` }] };
  }
}

function textOf({ path = [], message }: StandardSchemaV1.Issue): string {
  const keys = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  const text = String(redact(message));
  return keys.length === 0 ? text : `${keys.join('.')}: ${text}`;
}
