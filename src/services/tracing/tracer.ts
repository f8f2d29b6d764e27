import type { SpanAttributes } from '../../define/tracing.ts';
import { type Clock, realClock } from '../../kernel/clock.ts';
import { type ApiContext, type ApiTracer, type TracingApi, tracingApi } from './api.ts';
import { OpenSpan } from './open-span.ts';

/** Where a span belongs that was begun elsewhere than where its work was ordered. */
export type Origin = ApiContext;

const traceparentForm = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/;

interface Found {
  readonly api: TracingApi;
  readonly tracer: ApiTracer;
}

/**
 * Makes spans through the API of OpenTelemetry. Where that is not installed, or nobody has registered
 * an SDK, there are none, and whoever asks for one goes on without.
 */
export class Tracer {
  readonly #load: () => TracingApi | undefined;
  readonly #now: (() => Date) | undefined;
  #api: TracingApi | undefined;
  #known: Found | undefined;
  #isAbsent = false;
  #hasSpans = false;

  constructor(clock: Clock, load: () => TracingApi | undefined = tracingApi) {
    this.#load = load;
    // Spans beside ours, of libraries, have the time of this process.
    this.#now = clock === realClock ? undefined : () => new Date(clock.now());
  }

  /** undefined: nobody would hear of it. Without an origin it is a child of what is under way. */
  open(name: string, attributes: SpanAttributes, origin?: Origin): OpenSpan | undefined {
    const found = this.#found();
    if (!found) return undefined;
    const { api, tracer } = found;
    const parent = origin ?? api.context.active();
    const startTime = this.#now?.();
    const span = tracer.startSpan(name, { attributes, ...(startTime && { startTime }) }, parent);
    if (!api.trace.isSpanContextValid(span.spanContext())) return undefined;
    this.#hasSpans = true;
    return new OpenSpan(api, span, parent, this.#now);
  }

  /** Somebody would hear of spans. */
  get isOn(): boolean {
    return this.#found() !== undefined;
  }

  /** What is under way here; undefined where there are no spans. */
  get here(): Origin | undefined {
    return this.#found()?.api.context.active();
  }

  /** The same as text, in the form of W3C, for work that is done in another process, or much later. */
  get traceparent(): string | undefined {
    const found = this.#found();
    const spanContext = found?.api.trace.getSpanContext(found.api.context.active());
    if (!spanContext || !found?.api.trace.isSpanContextValid(spanContext)) return undefined;
    const { traceId, spanId, traceFlags } = spanContext;
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  /** Where such a text comes from; undefined: nobody knows. */
  originOf(traceparent: string | null): Origin | undefined {
    const found = traceparent === null ? undefined : this.#found();
    const [, traceId, spanId, flags] = traceparentForm.exec(traceparent ?? '') ?? [];
    if (!found || !traceId || !spanId || !flags) return undefined;
    const spanContext = {
      traceId,
      spanId,
      traceFlags: Number.parseInt(flags, 16),
      isRemote: true,
    };
    return found.api.trace.setSpanContext(found.api.ROOT_CONTEXT, spanContext);
  }

  /** Of what nobody ordered: the begin of a trace of its own. */
  get nowhere(): Origin | undefined {
    return this.#found()?.api.ROOT_CONTEXT;
  }

  /** Calls code as if it had been ordered there. */
  callAt<Result>(origin: Origin | undefined, call: () => Result): Result {
    const found = origin && this.#found();
    return found ? found.api.context.with(origin, call) : call();
  }

  /** Has the SDK send what it holds back. undefined: there is nothing, or it knows no such thing. */
  flush(): Promise<void> | undefined {
    if (!this.#hasSpans) return undefined;
    const provider = this.#api?.trace.getTracerProvider();
    const registered = provider?.getDelegate?.() ?? provider;
    return registered?.forceFlush?.();
  }

  /** Looked for until it is there: the SDK may be set up after the system was made. */
  #found(): Found | undefined {
    if (this.#known || this.#isAbsent) return this.#known;
    this.#api ??= this.#load();
    this.#isAbsent = !this.#api;
    const provider = this.#api?.trace.getTracerProvider();
    const tracer = provider?.getDelegateTracer
      ? provider.getDelegateTracer('daruma')
      : provider?.getTracer('daruma');
    if (this.#api && tracer) this.#known = { api: this.#api, tracer };
    return this.#known;
  }
}
