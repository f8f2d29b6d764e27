import type { Span, SpanAttributes } from '../../define/tracing.ts';
import { type ErrorInfo, errorInfo } from '../../events.ts';
import { type ApiContext, type ApiSpan, errorStatus, type TracingApi } from './api.ts';

/** A span of Daruma's that is under way. It ends once; what is said of it later is dropped. */
export class OpenSpan {
  readonly #api: TracingApi;
  readonly #span: ApiSpan;
  readonly #context: ApiContext;
  /** undefined: the time of OpenTelemetry's own clock, which is finer. */
  readonly #now: (() => Date) | undefined;
  #isOver = false;

  constructor(api: TracingApi, span: ApiSpan, parent: ApiContext, now: (() => Date) | undefined) {
    this.#api = api;
    this.#span = span;
    this.#context = api.trace.setSpan(parent, span);
    this.#now = now;
  }

  /** For spans below it. */
  get context(): ApiContext {
    return this.#context;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Calls code whose spans are children of this one. */
  run<Result>(call: (span: Span) => Result): Result {
    return this.#api.context.with(this.#context, () => call(this.#span));
  }

  /** Something that happened in it, just now. */
  note(name: string, attributes: SpanAttributes): void {
    this.#span.addEvent(name, attributes);
  }

  /** What was not known when it began. */
  annotate(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  /** @param error what was thrown, or what an event says of it; undefined: it is no failure */
  end(outcome: string, error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#span.setAttribute('daruma.outcome', outcome);
    if (error !== undefined) this.#fail(isErrorInfo(error) ? error : errorInfo(error));
    this.#span.end(this.#now?.());
  }

  #fail(error: ErrorInfo): void {
    this.#span.recordException(error);
    this.#span.setAttribute('error.type', error.code ?? error.name);
    this.#span.setStatus({ code: errorStatus, message: error.message });
  }
}

function isErrorInfo(value: unknown): value is ErrorInfo {
  return !(value instanceof Error) && typeof (value as ErrorInfo)?.message === 'string';
}
