import type { SpanAttributes } from '../../define/tracing.ts';
import { type Clock, realClock } from '../../kernel/clock.ts';
import { type ApiContext, type ApiTracer, type TracingApi, tracingApi } from './api.ts';
import { OpenSpan } from './open-span.ts';

/** Where a span belongs that was begun elsewhere than where its work was ordered. */
export type Origin = ApiContext;

/**
 * Makes spans through the API of OpenTelemetry. Where that is not installed, or nobody has registered
 * an SDK, there are none, and whoever asks for one goes on without.
 */
export class Tracer {
  readonly #load: () => TracingApi | undefined;
  readonly #now: (() => Date) | undefined;
  #api: TracingApi | undefined;
  #tracer: ApiTracer | undefined;
  #isAbsent = false;
  #hasSpans = false;

  constructor(clock: Clock, load: () => TracingApi | undefined = tracingApi) {
    this.#load = load;
    // Spans beside ours, of libraries, have the time of this process.
    this.#now = clock === realClock ? undefined : () => new Date(clock.now());
  }

  /** undefined: nobody would hear of it. Without an origin it is a child of what is under way. */
  open(name: string, attributes: SpanAttributes, origin?: Origin): OpenSpan | undefined {
    const api = this.#found();
    if (!api) return undefined;
    this.#tracer ??= api.trace.getTracer('daruma');
    const parent = origin ?? api.context.active();
    const startTime = this.#now?.();
    const options = { attributes, ...(startTime && { startTime }) };
    const span = this.#tracer.startSpan(name, options, parent);
    if (!api.trace.isSpanContextValid(span.spanContext())) return undefined;
    this.#hasSpans = true;
    return new OpenSpan(api, span, parent, this.#now);
  }

  /** It has the API to make spans with. */
  get isOn(): boolean {
    return this.#found() !== undefined;
  }

  /** What is under way here; undefined where there are no spans. */
  get here(): Origin | undefined {
    return this.#found()?.context.active();
  }

  /** Of what nobody ordered: the begin of a trace of its own. */
  get nowhere(): Origin | undefined {
    return this.#found()?.ROOT_CONTEXT;
  }

  /** Calls code as if it had been ordered there. */
  callAt<Result>(origin: Origin | undefined, call: () => Result): Result {
    const api = origin && this.#found();
    return api ? api.context.with(origin, call) : call();
  }

  /** Has the SDK send what it holds back. undefined: there is nothing, or it knows no such thing. */
  flush(): Promise<void> | undefined {
    if (!this.#hasSpans) return undefined;
    const provider = this.#api?.trace.getTracerProvider();
    const registered = provider?.getDelegate?.() ?? provider;
    return registered?.forceFlush?.();
  }

  /** Looked for when it is needed first, so that it may be set up after the system was made. */
  #found(): TracingApi | undefined {
    if (this.#isAbsent || this.#api) return this.#api;
    this.#api = this.#load();
    this.#isAbsent = !this.#api;
    return this.#api;
  }
}
