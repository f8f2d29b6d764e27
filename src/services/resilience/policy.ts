import type { Context } from '../../define/context.ts';
import type { ValidName } from '../../define/names.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { scopeOf } from '../../kernel/scope.ts';
import { kernelOf, type System } from '../../kernel/system.ts';
import type { Work } from './attempt.ts';
import type { BreakerState } from './breaker.ts';
import type { BulkheadState } from './bulkhead.ts';
import { Call } from './call.ts';
import { Engine } from './engine.ts';
import { duplicatePolicyError } from './errors.ts';
import { notePolicy } from './meddling.ts';
import type { PolicyOptions } from './options.ts';
import type { RateLimitState } from './rate-limit.ts';
import { readPolicy } from './read-policy.ts';
import { Seat } from './seat.ts';
import type { PolicySpec } from './spec.ts';

/** The context of whatever calls: of a service, or of a part of one that Daruma brings along. */
export type CallerContext = Pick<Context, 'signal' | 'path'>;

/** A system, of whatever tree. */
export type RunningSystem = Pick<System, 'path' | 'phase' | 'seed'>;

/** What the parts of a policy have at the moment, in one system. undefined: it has no such part. */
export interface PolicyState {
  readonly breaker: BreakerState | undefined;
  readonly bulkhead: BulkheadState | undefined;
  readonly rateLimit: RateLimitState | undefined;
}

/**
 * How to call something that may fail. Made once, at the top of a module; what it learns is shared by
 * everybody who calls under it in the same system, and outlives the incarnation that calls.
 */
export interface Policy<Fallback = never> {
  readonly name: string;
  /**
   * Calls a function, as often and as long as the policy says. Resolves with what it returned, or
   * with the fallback.
   *
   * Ends when the incarnation of `ctx` does: what waits rejects at once, and a function that is running
   * is told by its `signal` and waited for, as without a policy.
   *
   * @throws what the last attempt threw; `DARUMA_CALL_TIMEOUT`; `DARUMA_CIRCUIT_OPEN`;
   * `DARUMA_BULKHEAD_FULL`; `DARUMA_RATE_LIMITED`; `DARUMA_CANCELLED` when the incarnation has to end
   */
  run<Result>(ctx: CallerContext, work: Work<Result>): Promise<Result | Fallback>;
  /** What its parts have at the moment. */
  state(place: CallerContext | RunningSystem): PolicyState;
}

/**
 * Makes a policy.
 *
 * ```ts
 * const payments = policy('payments', {
 *   timeout: '2s',
 *   retry: { maxAttempts: 3 },
 *   breaker: { failures: 5, recovery: '30s' },
 * });
 *
 * const receipt = await payments.run(ctx, ({ signal }) => fetch(url, { signal }));
 * ```
 *
 * @throws DefinitionError with everything that is wrong with the options
 */
export function policy<const Name extends string, Fallback = never>(
  name: ValidName<Name>,
  options: PolicyOptions<Fallback>,
): Policy<Fallback> {
  return new LivePolicy(readPolicy(name, options)) as Policy<Fallback>;
}

/** What the parts of a policy have that nobody has called under yet. */
const untouched = {
  breaker: { status: 'closed', calls: 0, failures: 0, probing: 0, refused: 0, retryAfterMs: 0 },
  bulkhead: { running: 0, waiting: 0 },
  rateLimit: { used: 0, waiting: 0, waitMs: 0 },
} as const;

/** The policies of each system that has some, by name. */
const known = new WeakMap<Kernel, Map<string, LivePolicy>>();

export class LivePolicy implements Policy<unknown> {
  readonly #spec: PolicySpec;
  readonly #engines = new WeakMap<Kernel, Engine>();
  readonly #seats = new WeakMap<object, Seat>();

  constructor(spec: PolicySpec) {
    this.#spec = spec;
    notePolicy();
  }

  get name(): string {
    return this.#spec.name;
  }

  run<Result>(ctx: CallerContext, work: Work<Result>): Promise<Result> {
    let seat: Seat;
    try {
      seat = this.#seats.get(ctx) ?? this.#seat(ctx);
    } catch (error) {
      return Promise.reject(error);
    }
    const { cancelReason } = seat.scope;
    if (cancelReason) return Promise.reject(cancelReason);
    return new Call(seat, work).begin() as Promise<Result>;
  }

  state(place: CallerContext | RunningSystem): PolicyState {
    const engine = this.#engines.get(kernelOf(place) ?? scopeOf(place).kernel);
    const { breaker, bulkhead, rateLimit } = this.#spec;
    return {
      breaker: breaker && (engine?.breaker?.state ?? untouched.breaker),
      bulkhead: bulkhead && (engine?.bulkhead?.state ?? untouched.bulkhead),
      rateLimit: rateLimit && (engine?.rateLimit?.state ?? untouched.rateLimit),
    };
  }

  #seat(ctx: CallerContext): Seat {
    const scope = scopeOf(ctx);
    // What is over makes nothing any more, not even a breaker.
    if (scope.cancelReason) throw scope.cancelReason;
    const seat = new Seat(this.#engine(scope.kernel, scope.path), scope);
    this.#seats.set(ctx, seat);
    return seat;
  }

  #engine(kernel: Kernel, path: string): Engine {
    const made = this.#engines.get(kernel);
    if (made) return made;
    const policies = known.get(kernel) ?? new Map<string, LivePolicy>();
    const { name } = this.#spec;
    if (policies.has(name)) throw duplicatePolicyError({ policy: name, path });
    known.set(kernel, policies.set(name, this));
    const engine = new Engine(this.#spec, kernel);
    this.#engines.set(kernel, engine);
    return engine;
  }
}
