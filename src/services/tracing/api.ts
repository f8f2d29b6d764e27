import type { Span, SpanAttributes } from '../../define/tracing.ts';
import { loadTelemetryApi } from '../telemetry-api.ts';

/** What is used of `@opentelemetry/api`. Its types are not: it need not be there. */
export interface TracingApi {
  readonly trace: {
    getTracerProvider(): Provider;
    setSpan(context: ApiContext, span: ApiSpan): ApiContext;
    isSpanContextValid(spanContext: SpanContext): boolean;
    getSpanContext(context: ApiContext): SpanContext | undefined;
    setSpanContext(context: ApiContext, spanContext: SpanContext): ApiContext;
  };
  readonly context: {
    active(): ApiContext;
    with<Result>(context: ApiContext, call: () => Result): Result;
  };
  readonly ROOT_CONTEXT: ApiContext;
}

/** What of a span reaches other processes. */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote?: boolean;
}

/** The API stands in front of what an SDK has registered, which alone knows what is not sent yet. */
interface Provider {
  getTracer(name: string): ApiTracer;
  /** undefined: nothing is registered. */
  getDelegateTracer?(name: string): ApiTracer | undefined;
  getDelegate?(): Provider;
  forceFlush?(): Promise<void>;
}

/** What is handed on to whatever is called: the span that is under way, among other things. */
export interface ApiContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): ApiContext;
  deleteValue(key: symbol): ApiContext;
}

export interface ApiTracer {
  startSpan(
    name: string,
    options: { readonly attributes: SpanAttributes; readonly startTime?: Date },
    context: ApiContext,
  ): ApiSpan;
}

export interface ApiSpan extends Span {
  spanContext(): SpanContext;
  recordException(error: Error | { name: string; message: string; stack?: string }): void;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  end(endTime?: Date): void;
}

/** `SpanStatusCode.ERROR`. */
export const errorStatus = 2;

export function tracingApi(): TracingApi | undefined {
  return loadTelemetryApi() as TracingApi | undefined;
}
