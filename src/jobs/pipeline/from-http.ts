import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Battery } from '../../define/battery.ts';
import type { Context } from '../../define/context.ts';
import type { HttpAddress } from '../../services/http/server.ts';
import { Counter } from './http-counter.ts';
import { type FromHttpOptions, httpOptions, type RequestFacts, readHttp } from './http-options.ts';
import { intakeOf } from './intake.ts';
import type { Producer } from './pipeline-types.ts';
import { producing } from './producing.ts';

/**
 * A producer that takes in what is sent to it with POST as JSON. Answers 202 or 200; 400 for what is
 * not JSON or not a payload, 413 for what is too large, 503 while the pipeline is full or going down.
 * What is wrong with one request, or slow about it, holds up no other.
 *
 * ```ts
 * .producer('webhooks', fromHttp({ port: 8080, path: '/orders', payload: orderSchema }))
 * ```
 *
 * It listens before it is ready, and answers what it has taken in before it has stopped. Its ready
 * value is where it listens.
 */
export function fromHttp<Schema extends StandardSchemaV1 | undefined = undefined>(
  options: FromHttpOptions<Schema>,
): Producer<
  Schema extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<Schema> : unknown,
  HttpAddress
> {
  return Object.freeze({ kind: 'producer', battery, options: { ...options } });
}

const battery: Battery = {
  battery: 'fromHttp()',
  options: httpOptions,
  read(reader) {
    const policy = readHttp(reader);
    const authorize = reader.func<((request: RequestFacts) => unknown) | undefined>(
      'authorize',
      undefined,
    );
    const schema = readSchema(reader.raw('payload'));
    if (reader.has('payload') && !schema) {
      reader.refuse('DARUMA_INVALID_OPTION', 'payload', 'it must be a Standard Schema.');
    }
    return producing({
      kind: 'hooks',
      start: async (ctx: Context) => {
        const counter = new Counter(ctx, intakeOf(ctx), { policy, schema, authorize });
        ctx.defer(() => counter.close());
        counters.set(ctx, counter);
        return await counter.open();
      },
      run: undefined,
      stop: (ctx: Context) => counters.get(ctx)?.shut(),
      drain: (ctx: Context) => counters.get(ctx)?.shut(),
      ready: 'immediate',
      battery: { kind: 'http producer', policy: { ...policy } },
    });
  },
};

/** By the context of their producer. */
const counters = new WeakMap<object, Counter>();

function readSchema(given: unknown): StandardSchemaV1 | undefined {
  const standard = (given as Partial<StandardSchemaV1> | null | undefined)?.['~standard'];
  return typeof standard?.validate === 'function' ? (given as StandardSchemaV1) : undefined;
}
