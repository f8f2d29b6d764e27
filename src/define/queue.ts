import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { BackoffPolicy } from '../../actors/rules/backoff.ts';

/**
 * What `queue()` makes: the name under which jobs wait, and how they are tried. `Payload` is what is
 * added, `Delivered` what handlers get: what the schema makes of it. `Result` is what they return.
 */
export interface Queue<
  Payload = unknown,
  Delivered = Payload,
  Result = unknown,
  Name extends string = string,
> {
  readonly kind: 'queue';
  readonly name: Name;
  /** Its options, every default filled in. */
  readonly spec: QueueSpec;
  /** Where it was defined: file, line and column, as far as that can be known. */
  readonly definedAt: string;
  /** Only in the types. */
  readonly __payload?: (payload: Payload) => void;
  readonly __delivered?: Delivered;
  readonly __result?: Result;
}

// biome-ignore lint/suspicious/noExplicitAny: any queue at all, whatever it takes and gives.
export type AnyQueue = Queue<any, any, any>;

/** The options of a queue as they are used. Milliseconds throughout; Infinity means no limit. */
export interface QueueSpec {
  readonly payload: StandardSchemaV1 | undefined;
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  readonly backoff: BackoffPolicy;
  readonly timeoutMs: number;
  readonly cancelWithinMs: number;
  readonly leaseMs: number;
  /** Jobs with the same key at once; `fifo`: one, and in the order in which they were added. */
  readonly perKey: number | 'fifo';
  /** Claims of all processes together. */
  readonly rateLimit: { readonly max: number; readonly perMs: number } | undefined;
  readonly keep: {
    readonly completedMs: number;
    readonly deadMs: number;
    readonly cancelledMs: number;
  };
}

/** Whether a value came from `queue()`, of this copy of the package or another. */
export function isQueue(value: unknown): value is AnyQueue {
  if (typeof value !== 'object' || value === null) return false;
  return (value as { kind?: unknown }).kind === 'queue' && 'name' in value && 'spec' in value;
}
