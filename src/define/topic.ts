import type { StandardSchemaV1 } from '@standard-schema/spec';
import { DarumaError } from '../errors.ts';
import { isPlain } from './recorded.ts';
import { show } from './show.ts';

/**
 * What an event is about, as a value: whoever emits and whoever subscribes name the same one, and
 * the payload has its type. `Payload` is what is emitted, `Delivered` what subscribers get: what the
 * schema makes of it.
 */
export interface Topic<Payload = unknown, Delivered = Payload, Reply = unknown> {
  readonly kind: 'topic';
  /** Segments with dots between them: `user.activity`. */
  readonly name: string;
  readonly schema: StandardSchemaV1 | undefined;
  readonly replySchema: StandardSchemaV1 | undefined;
  readonly keep: 'last' | undefined;
  /** Only in the types. */
  readonly __payload?: (payload: Payload) => void;
  readonly __delivered?: Delivered;
  readonly __reply?: Reply;
}

export type AnyTopic = Topic<never, unknown, unknown>;

export interface TopicOptions {
  /** The bus keeps the last value, for those who subscribe with `replay: 'last'`. @default not kept */
  readonly keep?: 'last';
}

interface CheckedTopicOptions<Reply extends StandardSchemaV1> extends TopicOptions {
  /** What a reply is checked with, before the one who asked gets it. @default not checked */
  readonly reply?: Reply;
}

const validName = /^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*$/u;

/**
 * Makes a topic. With a schema (any Standard Schema that answers synchronously) the types are the
 * schema's, and every payload is checked when it is emitted.
 *
 * ```ts
 * const userActivity = topic<{ userId: string; activity: string }>('user.activity');
 * const dataChanged = topic('data.changed', v.object({ id: v.string() }), { keep: 'last' });
 * const priceOf = topic<{ item: string }, number>('price.of'); // asked for, and answered
 * ```
 *
 * @throws DARUMA_INVALID_TOPIC for a name or an option that is none
 */
export function topic<Payload = undefined, Reply = unknown>(
  name: string,
  options?: TopicOptions,
): Topic<Payload, Payload, Reply>;
export function topic<
  Schema extends StandardSchemaV1,
  Reply extends StandardSchemaV1 = StandardSchemaV1<unknown>,
>(
  name: string,
  schema: Schema,
  options?: CheckedTopicOptions<Reply>,
): Topic<
  StandardSchemaV1.InferInput<Schema>,
  StandardSchemaV1.InferOutput<Schema>,
  StandardSchemaV1.InferOutput<Reply>
>;
export function topic(
  name: string,
  second: StandardSchemaV1 | CheckedTopicOptions<StandardSchemaV1> = {},
  third: CheckedTopicOptions<StandardSchemaV1> = {},
): AnyTopic {
  const isChecked = '~standard' in second;
  const { keep, reply, ...others } = (
    isChecked ? third : second
  ) as CheckedTopicOptions<StandardSchemaV1>;
  if (typeof name !== 'string' || !validName.test(name)) {
    throw invalidTopic(
      `${show(name)} is no name for a topic.`,
      "Letters, digits, - and _, in segments with dots between them: 'user.activity'.",
    );
  }
  const [unknownOption] = Object.keys(others);
  if (unknownOption !== undefined) {
    throw invalidTopic(
      `The topic ${name} has no option '${unknownOption}'.`,
      'Options: keep, reply.',
    );
  }
  if (keep !== undefined && keep !== 'last') {
    throw invalidTopic(`keep of the topic ${name} is ${show(keep)}.`, "keep: 'last', or none.");
  }
  return Object.freeze({
    kind: 'topic',
    name,
    schema: isChecked ? second : undefined,
    replySchema: reply,
    keep,
  });
}

export function isTopic(value: unknown): value is AnyTopic {
  return isPlain(value) && value.kind === 'topic' && typeof value.name === 'string';
}

function invalidTopic(message: string, hint: string): DarumaError {
  return new DarumaError('DARUMA_INVALID_TOPIC', message, { hint });
}
