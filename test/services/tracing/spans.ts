import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  type Exception,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  type SpanStatus,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';

/** One span as it was recorded. */
export class Recorded {
  readonly name: string;
  readonly parent: Recorded | undefined;
  readonly attributes: Attributes;
  readonly startTime: unknown;
  endTime: unknown;
  isOver = false;
  status: SpanStatus | undefined;
  readonly errors: string[] = [];
  readonly notes: { name: string; attributes: unknown }[] = [];

  constructor(name: string, options: SpanOptions, parent: Recorded | undefined) {
    this.name = name;
    this.parent = parent;
    this.attributes = { ...options.attributes };
    this.startTime = options.startTime;
  }

  get outcome(): unknown {
    return this.attributes['daruma.outcome'];
  }

  /** The names from the top of its trace down to it. */
  get line(): string {
    return this.parent ? `${this.parent.line} > ${this.name}` : this.name;
  }
}

/** An SDK in memory: what is registered with the API of OpenTelemetry, and all that reaches it. */
export class Spans {
  readonly all: Recorded[] = [];
  /** What was not over, whenever it was asked to send what it has. */
  readonly flushedWith: string[][] = [];
  readonly #storage = new AsyncLocalStorage<Context>();

  /** Registers it; `unregister` takes it back. */
  register(): this {
    const forceFlush = async () => {
      this.flushedWith.push(this.open);
    };
    trace.setGlobalTracerProvider({ getTracer: () => this.#tracer, forceFlush } as TracerProvider);
    context.setGlobalContextManager(this.#manager);
    return this;
  }

  static unregister(): void {
    trace.disable();
    context.disable();
  }

  /** As the application would, or a library that it uses. */
  make<Result>(name: string, call: () => Result): Result {
    return trace.getTracer('a library').startActiveSpan(name, (span) => {
      try {
        return call();
      } finally {
        span.end();
      }
    });
  }

  named(name: string): Recorded[] {
    return this.all.filter((span) => span.name === name);
  }

  one(name: string): Recorded {
    const [span, ...more] = this.named(name);
    if (!span || more.length > 0) throw new Error(`${more.length + (span ? 1 : 0)} of ${name}`);
    return span;
  }

  /** Each with the names of those above it, in the order in which they began. */
  get lines(): string[] {
    return this.all.map(({ line }) => line);
  }

  get open(): string[] {
    return this.all.filter(({ isOver }) => !isOver).map(({ name }) => name);
  }

  readonly #tracer: Tracer = {
    startSpan: (name, options = {}, parent = context.active()) =>
      this.#start(name, options, parent),
    startActiveSpan: (name: string, ...rest: unknown[]) => {
      const call = rest.at(-1) as (span: Span) => never;
      const span = this.#start(name, {}, context.active());
      return context.with(trace.setSpan(context.active(), span), () => call(span));
    },
  };

  #start(name: string, options: SpanOptions, parent: Context): Span {
    // By its number, as it may come from another process.
    const above = trace.getSpanContext(parent)?.spanId;
    const recorded = new Recorded(
      name,
      options,
      above ? this.all[Number.parseInt(above, 16) - 1] : undefined,
    );
    this.all.push(recorded);
    return spanOf(recorded, this.all.length);
  }

  readonly #manager: ContextManager = {
    active: () => this.#storage.getStore() ?? ROOT_CONTEXT,
    with: (given, call, self, ...args) =>
      this.#storage.run(given, () => call.call(self as never, ...args)),
    bind: (_given, target) => target,
    enable: () => this.#manager,
    disable: () => {
      this.#storage.disable();
      return this.#manager;
    },
  };
}

function spanOf(recorded: Recorded, number: number): Span {
  const span: Span = {
    spanContext: () => ({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: number.toString(16).padStart(16, '0'),
      traceFlags: 1,
    }),
    setAttribute: (name, value) => span.setAttributes({ [name]: value }),
    setAttributes(attributes) {
      if (!recorded.isOver) Object.assign(recorded.attributes, attributes);
      return span;
    },
    addEvent(name, attributes) {
      recorded.notes.push({ name, attributes });
      return span;
    },
    addLink: () => span,
    addLinks: () => span,
    setStatus(status) {
      recorded.status = status;
      return span;
    },
    updateName: () => span,
    end(time) {
      if (recorded.isOver) throw new Error(`${recorded.name} ended twice.`);
      recorded.isOver = true;
      recorded.endTime = time;
    },
    isRecording: () => !recorded.isOver,
    recordException(error: Exception) {
      recorded.errors.push(typeof error === 'string' ? error : (error.message ?? ''));
    },
  };
  return span;
}
