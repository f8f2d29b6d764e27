import type { Kernel } from '../../kernel/kernel.ts';
import { tracerOf } from '../tracing/traced.ts';
import type { Tracer } from '../tracing/tracer.ts';
import { Breaker } from './breaker.ts';
import { Bulkhead } from './bulkhead.ts';
import { type Meddling, meddlingIn } from './meddling.ts';
import { RateLimit } from './rate-limit.ts';
import type { PolicySpec } from './spec.ts';

/** What a policy is in one system: what all calls under it share. */
export class Engine {
  readonly spec: PolicySpec;
  readonly kernel: Kernel;
  readonly breaker: Breaker | undefined;
  readonly bulkhead: Bulkhead | undefined;
  readonly rateLimit: RateLimit | undefined;
  readonly meddling: Meddling;
  readonly tracer: Tracer | undefined;

  constructor(spec: PolicySpec, kernel: Kernel) {
    this.spec = spec;
    this.kernel = kernel;
    this.breaker = spec.breaker && new Breaker(spec.breaker, kernel, spec.name);
    this.bulkhead = spec.bulkhead && new Bulkhead(spec.bulkhead);
    this.rateLimit = spec.rateLimit && new RateLimit(spec.rateLimit, kernel.clock);
    this.tracer = tracerOf(kernel);
    this.meddling = meddlingIn(kernel);
  }
}
