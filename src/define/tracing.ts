/** What is known of a span, beside its name and its time. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A span that is under way: the part of OpenTelemetry's that code inside of it needs. */
export interface Span {
  setAttribute(name: string, value: string | number | boolean): unknown;
  setAttributes(attributes: SpanAttributes): unknown;
  /** Something that happened in it, at a moment. */
  addEvent(name: string, attributes?: SpanAttributes): unknown;
}

/**
 * Calls code in a span of its own, and returns what that returns. The span lasts until the code has
 * returned, or its promise has settled; what it throws is recorded, and thrown on. Spans that are
 * begun inside of it, by whatever library, are its children.
 *
 * Without OpenTelemetry the code is just called.
 */
export interface InSpan {
  <Result>(name: string, call: (span: Span) => Result): Result;
  <Result>(name: string, attributes: SpanAttributes, call: (span: Span) => Result): Result;
}
