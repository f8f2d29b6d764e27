import type { InSpan, Span, SpanAttributes } from '../../define/tracing.ts';
import type { Facility } from '../../kernel/facilities.ts';
import type { Place } from '../../kernel/journal.ts';
import type { Kernel, Part } from '../../kernel/kernel.ts';
import type { Scope } from '../../kernel/scope.ts';
import { LifecycleSpans } from './lifecycle.ts';
import { inSpan, traced } from './traced.ts';
import { Tracer } from './tracer.ts';

export interface TracingOptions {
  /**
   * Make spans through `@opentelemetry/api` where it is installed and an SDK is registered.
   *
   * @default true
   */
  readonly openTelemetry?: boolean;
  /** Make spans of the starts and stops of every actor. @default true */
  readonly lifecycle?: boolean;
}

/** What of `ctx.span`, and of the spans of Daruma's own, the whole system shares. */
export class TracingFacility implements Facility {
  readonly tracer: Tracer;
  readonly #lifecycle: LifecycleSpans | undefined;

  constructor(kernel: Kernel, { openTelemetry = true, lifecycle = true }: TracingOptions = {}) {
    this.tracer = openTelemetry
      ? new Tracer(kernel.clock)
      : new Tracer(kernel.clock, () => undefined);
    if (!openTelemetry || !lifecycle) return;
    this.#lifecycle = new LifecycleSpans(kernel, this.tracer);
    kernel.journal.listen(this.#lifecycle.hear);
  }

  partOf(scope: Scope): InSpan {
    return inSpanOf((name, attributes, call) => traced(scope, { name, attributes }, call));
  }

  /** For code outside the tree. */
  forSystem(path: string): InSpan {
    return inSpanOf((name, attributes, call) => {
      const own = { ...attributes, 'daruma.path': path };
      return inSpan(this.tracer, { name, attributes: own }, call);
    });
  }

  /** Calls a part of an incarnation in the span that belongs to it. */
  around<Result>(part: Part, place: Place, call: () => Result): Result {
    return this.#lifecycle ? this.#lifecycle.around(part, place, call) : call();
  }

  /** Whoever leaves the process next does not wait for what has not been sent. */
  close(): Promise<void> | undefined {
    this.#lifecycle?.close();
    return this.tracer.flush();
  }
}

type Call<Result> = (span: Span) => Result;

type Make = <Result>(name: string, attributes: SpanAttributes, call: Call<Result>) => Result;

function inSpanOf(make: Make): InSpan {
  return <Result>(
    name: string,
    second: SpanAttributes | Call<Result>,
    third?: Call<Result>,
  ): Result =>
    third ? make(name, second as SpanAttributes, third) : make(name, {}, second as Call<Result>);
}
