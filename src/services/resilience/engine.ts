import { backoffDelay } from '../../../actors/rules/backoff.ts';
import { errorInfo } from '../../events.ts';
import { isAbort } from '../../kernel/failures.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Scope } from '../../kernel/scope.ts';
import { Breaker } from './breaker.ts';
import { Bulkhead } from './bulkhead.ts';
import { Call, type Work } from './call.ts';
import { RateLimit } from './rate-limit.ts';
import type { PolicySpec, RetrySpec } from './spec.ts';

const noLimit = Number.POSITIVE_INFINITY;

/**
 * What a policy is in one system: the state that all calls share, and the order of its parts, from
 * the outside in:
 *
 * fallback > total timeout > retry > breaker > bulkhead > rate limit > breaker > attempt timeout
 *
 * The breaker is asked twice: a call that it would refuse does not wait for a place and a turn first,
 * and one that has waited while it opened is not let through.
 */
export class Engine {
  readonly #spec: PolicySpec;
  readonly #kernel: Kernel;
  readonly breaker: Breaker | undefined;
  readonly bulkhead: Bulkhead | undefined;
  readonly rateLimit: RateLimit | undefined;

  constructor(spec: PolicySpec, kernel: Kernel) {
    this.#spec = spec;
    this.#kernel = kernel;
    this.breaker = spec.breaker && new Breaker(spec.breaker, kernel, spec.name);
    this.bulkhead = spec.bulkhead && new Bulkhead(spec.bulkhead);
    this.rateLimit = spec.rateLimit && new RateLimit(spec.rateLimit, kernel.clock);
  }

  /** @param calls those of the scope that are under way */
  async run<Result>(scope: Scope, calls: Set<Call>, work: Work<Result>): Promise<Result> {
    const call = new Call(this.#spec, scope);
    calls.add(call);
    try {
      return await this.#attempts(call, work);
    } catch (error) {
      call.close();
      const { fallback, name } = this.#spec;
      if (!fallback || call.isCancelled || isAbort(error)) throw error;
      scope.record({ type: 'fallback', policy: name, error: errorInfo(error) });
      return await call.perform(() => fallback(error) as Result, noLimit);
    } finally {
      call.close();
      calls.delete(call);
    }
  }

  async #attempts<Result>(call: Call, work: Work<Result>): Promise<Result> {
    const { retry, name } = this.#spec;
    if (!retry) return this.#attempt(call, work);
    const { maxAttempts } = retry;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(call, work);
      } catch (error) {
        call.lastError = error;
        const isLast = attempt >= maxAttempts || call.hasToEnd || isFinal(error);
        const delayMs = isLast ? undefined : this.#delayAfter(retry, attempt, error);
        if (delayMs === undefined) throw error;
        const happening = { type: 'retry', policy: name, attempt, maxAttempts, delayMs } as const;
        call.scope.record({ ...happening, error: errorInfo(error) });
        await call.sleep(delayMs);
      }
    }
  }

  /** undefined: another attempt is not worth it. */
  #delayAfter(retry: RetrySpec, attempt: number, error: unknown): number | undefined {
    if (!retry.retryable(error)) return undefined;
    const policy = { ...retry.backoff, resetAfterMs: 0 };
    const delayMs = backoffDelay(policy, attempt - 1, this.#kernel.random());
    const askedMs = retryAfterMsOf(error);
    // Who asks for more than the policy waits would only be bothered too early.
    return askedMs > policy.maxMs ? undefined : Math.max(delayMs, askedMs);
  }

  async #attempt<Result>(call: Call, work: Work<Result>): Promise<Result> {
    const { bulkhead } = this;
    this.breaker?.refuse(call);
    if (!bulkhead) return this.#admitted(call, work);
    const place = bulkhead.enter(call);
    if (place) await place;
    try {
      return await this.#admitted(call, work);
    } finally {
      bulkhead.leave();
    }
  }

  async #admitted<Result>(call: Call, work: Work<Result>): Promise<Result> {
    const { breaker } = this;
    const turn = this.rateLimit?.take(call);
    if (turn) await turn;
    // It may have had to end while it was let through.
    call.throwIfEnding();
    const { attemptMs } = this.#spec;
    if (!breaker) return call.perform(work, attemptMs);
    const permit = breaker.admit(call);
    try {
      const result = await call.perform(work, attemptMs);
      breaker.succeeded(call, permit);
      return result;
    } catch (error) {
      breaker.threw(call, permit, error);
      throw error;
    }
  }
}

/** An abort is no failure, and an open breaker is not to be asked again and again. */
function isFinal(error: unknown): boolean {
  return (
    isAbort(error) || (error as { code?: unknown } | undefined)?.code === 'DARUMA_CIRCUIT_OPEN'
  );
}

function retryAfterMsOf(error: unknown): number {
  const ms = (error as { retryAfterMs?: unknown } | undefined | null)?.retryAfterMs;
  return typeof ms === 'number' && ms > 0 ? ms : 0;
}
