import type { StandardSchemaV1 } from '@standard-schema/spec';
import { redact } from '../config.ts';
import { isThenable } from '../define/show.ts';
import { messageOf } from '../events.ts';

export type Verdict<Schema extends StandardSchemaV1> = StandardSchemaV1.Result<
  StandardSchemaV1.InferOutput<Schema>
>;

/** What a schema says of a payload. One that throws says no. */
export function verdictOf<Schema extends StandardSchemaV1>(
  schema: Schema,
  payload: unknown,
): Verdict<Schema> | Promise<Verdict<Schema>> {
  try {
    const verdict = schema['~standard'].validate(payload) as
      | Verdict<Schema>
      | Promise<Verdict<Schema>>;
    return isThenable(verdict) ? Promise.resolve(verdict).catch(refusal) : verdict;
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown) {
  return { issues: [{ message: `the schema threw: ${messageOf(error)}` }] };
}

/** `payload.to: Invalid email` */
export function issuesOf(issues: readonly StandardSchemaV1.Issue[]): string[] {
  return issues.map(({ path = [], message }) => {
    const keys = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment));
    return `${['payload', ...keys].join('.')}: ${redact(message)}`;
  });
}
