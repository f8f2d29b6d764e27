import type { AnyActor } from 'xstate';
import { type BreakerEvent, type BreakerNews, breakerMachine } from '../../../actors/breaker.ts';
import { type Tally, type TallyCounts, tallyOf } from '../../../actors/rules/breaker-tally.ts';
import { errorInfo } from '../../events.ts';
import type { ResilienceHappening } from '../../happenings/resilience.ts';
import { hireChart, relay, release } from '../../kernel/actors.ts';
import { isAbort } from '../../kernel/failures.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Call } from './call.ts';
import { type Caller, circuitOpenError } from './errors.ts';
import type { BreakerSpec } from './spec.ts';

export type BreakerStatus = 'closed' | 'open' | 'half-open';

/** What a breaker has at the moment. */
export interface BreakerState extends TallyCounts {
  readonly status: BreakerStatus;
  /** Probes that are under way. */
  readonly probing: number;
  /** Calls that were refused since it was closed last. */
  readonly refused: number;
  /** Milliseconds until a probe is let through; 0 unless it is open. */
  readonly retryAfterMs: number;
}

/** Leave to call. It belongs to the state in which it was given: in a later one it says nothing. */
export interface Permit {
  readonly generation: number;
  readonly isProbe: boolean;
}

const noCalls: TallyCounts = { calls: 0, failures: 0 };

/**
 * Stands between the calls of a policy and the chart of its breaker.
 *
 * 1. Nothing is admitted while it is open, and no more than `probes` at a time while it is half open.
 * 2. How a call went counts in the state in which it was admitted, and in no other.
 * 3. What was called off does not count.
 */
export class Breaker {
  readonly #spec: BreakerSpec;
  readonly #kernel: Kernel;
  readonly #policy: string;
  readonly #tally: Tally;
  readonly #actor: AnyActor;
  #status: BreakerStatus = 'closed';
  #permit: Permit = { generation: 0, isProbe: false };
  #probing = 0;
  #refused = 0;
  #opensUntil = 0;
  #lastError: unknown;

  constructor(spec: BreakerSpec, kernel: Kernel, policy: string) {
    this.#spec = spec;
    this.#kernel = kernel;
    this.#policy = policy;
    this.#tally = tallyOf(spec.trip);
    this.#actor = hireChart(breakerMachine, {
      id: `breaker/${policy}`,
      parent: kernel.topActor(),
      input: {
        recoveryMs: spec.recoveryMs,
        probeWithinMs: spec.probeWithinMs,
        successThreshold: spec.successThreshold,
        probeTimeout: () => new Error(`A probe took longer than ${spec.probeWithinMs} ms.`),
      },
      onNews: (news) => this.#hear(news as BreakerNews),
    });
    this.#actor.start();
    kernel.journal.onClose(() => release(this.#actor));
  }

  get state(): BreakerState {
    return {
      status: this.#status,
      ...this.#tally.counts(this.#at),
      probing: this.#probing,
      refused: this.#refused,
      retryAfterMs: this.retryAfterMs,
    };
  }

  /** Milliseconds until a probe is let through; 0 unless it is open. */
  get retryAfterMs(): number {
    if (this.#status !== 'open') return 0;
    return Math.max(0, this.#opensUntil - this.#kernel.clock.monotonic());
  }

  /** @throws `DARUMA_CIRCUIT_OPEN` when a call would not be admitted now */
  refuse(caller: Caller): void {
    if (this.#status === 'closed') return;
    if (this.#status === 'half-open' && this.#probing < this.#spec.probes) return;
    this.#refused++;
    const probing = this.#status === 'open' ? undefined : this.#probing;
    throw circuitOpenError(caller, this.retryAfterMs, probing, this.#lastError);
  }

  /** @throws `DARUMA_CIRCUIT_OPEN` */
  admit(call: Call): Permit {
    this.refuse(call);
    if (this.#status === 'closed') return this.#permit;
    this.#probing++;
    this.#record(call, { status: 'admitted' });
    const permit = this.#permit;
    this.#tell({ type: 'admitted' });
    return permit;
  }

  succeeded(call: Call, permit: Permit): void {
    if (permit.generation !== this.#permit.generation) return;
    if (permit.isProbe) this.#probeEnded(call, { type: 'succeeded' });
    else this.#tally.succeeded(this.#at);
  }

  /** @param error what it threw; whether that is a failure is decided here */
  threw(call: Call, permit: Permit, error: unknown): void {
    if (permit.generation !== this.#permit.generation) return;
    if (call.isCancelled || isAbort(error)) {
      if (permit.isProbe) this.#probeEnded(call, { type: 'withdrawn' });
      return;
    }
    if (!this.#isFailure(error)) return this.succeeded(call, permit);
    this.#lastError = error;
    if (permit.isProbe) this.#probeEnded(call, { type: 'failed', error });
    else if (this.#tally.failed(this.#at)) {
      this.#tell({ type: 'tripped', error });
    }
  }

  get #at(): number {
    return this.#tally.isTimed ? this.#kernel.clock.monotonic() : 0;
  }

  /** One that cannot decide does not keep a breaker from opening. */
  #isFailure(error: unknown): boolean {
    try {
      return this.#spec.isFailure(error);
    } catch {
      return true;
    }
  }

  #probeEnded(
    call: Call,
    event: Extract<BreakerEvent, { type: 'succeeded' | 'failed' | 'withdrawn' }>,
  ): void {
    this.#probing--;
    const { type: status } = event;
    this.#record(call, { status, ...(status === 'failed' && { error: errorInfo(event.error) }) });
    this.#tell(event);
  }

  /** Also of a caller that is over: how many probes are under way has to be on record. */
  #record(
    call: Call,
    happening: Omit<Extract<ResilienceHappening, { type: 'probe' }>, 'type' | 'policy'>,
  ): void {
    const { path, incarnation } = call.scope;
    const place = { path, incarnation };
    this.#kernel.journal.record(place, { type: 'probe', policy: this.#policy, ...happening });
  }

  /** At once, also from within a message: the next call has to find the state that follows. */
  #tell(event: BreakerEvent): void {
    this.#kernel.dispatcher.run(() => relay(undefined, this.#actor, event));
  }

  #hear(news: BreakerNews): void {
    const { clock, journal } = this.#kernel;
    const counted = this.#status === 'closed' ? this.#tally.counts(this.#at) : noCalls;
    this.#tally.reset();
    this.#probing = 0;
    switch (news.type) {
      case 'opened':
        this.#status = 'open';
        this.#opensUntil = clock.monotonic() + this.#spec.recoveryMs;
        this.#lastError = news.error;
        break;
      case 'halfOpened':
        this.#status = 'half-open';
        break;
      case 'closed':
        this.#status = 'closed';
        this.#lastError = undefined;
    }
    const generation = this.#permit.generation + 1;
    this.#permit = { generation, isProbe: this.#status === 'half-open' };
    const refused = this.#refused;
    if (this.#status === 'closed') this.#refused = 0;
    journal.record(undefined, {
      type: 'breaker',
      policy: this.#policy,
      status: this.#status,
      ...counted,
      refused,
      recoveryMs: this.#spec.recoveryMs,
      probes: this.#spec.probes,
      ...(news.type === 'opened' && { error: errorInfo(news.error) }),
    });
  }
}
