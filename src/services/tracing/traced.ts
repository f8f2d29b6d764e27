import { isThenable } from '../../define/show.ts';
import type { Span, SpanAttributes } from '../../define/tracing.ts';
import { isAbort } from '../../kernel/failures.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Scope } from '../../kernel/scope.ts';
import type { TracingFacility } from './facility.ts';
import type { OpenSpan } from './open-span.ts';
import type { Origin, Tracer } from './tracer.ts';

export interface SpanOptions {
  /** Of few values: what varies is an attribute. */
  readonly name: string;
  readonly attributes: SpanAttributes;
  /** Where it was ordered. @default what is under way where it is begun */
  readonly origin?: Origin | undefined;
}

/** What makes the spans of a system. */
export function tracerOf(kernel: Kernel): Tracer | undefined {
  return (kernel.facilities.span as TracingFacility | undefined)?.tracer;
}

/**
 * Calls code of the user's in a span that says whose work it is. A battery that calls such code gives
 * the scope of that work: `traced(scopeOf(ctx), { name, attributes }, () => run(ctx))`.
 */
export function traced<Result>(
  scope: Scope,
  { name, attributes, origin }: SpanOptions,
  call: (span: Span) => Result,
): Result {
  const { kernel, path, incarnation } = scope;
  const own = { 'daruma.path': path, 'daruma.incarnation': incarnation };
  return inSpan(tracerOf(kernel), { name, attributes: { ...attributes, ...own }, origin }, call);
}

export function inSpan<Result>(
  tracer: Tracer | undefined,
  { name, attributes, origin }: SpanOptions,
  call: (span: Span) => Result,
): Result {
  const span = tracer?.open(name, attributes, origin);
  if (!span) return call(noSpan);
  try {
    const result = span.run(call);
    if (!isThenable(result)) {
      span.end('completed');
      return result;
    }
    // A query builder runs its query whenever its `then` is called: once, and in the span.
    const settled = span.run(() => Promise.resolve(result));
    settled.then(
      () => span.end('completed'),
      (error: unknown) => endWith(span, error),
    );
    return settled as Result;
  } catch (error) {
    endWith(span, error);
    throw error;
  }
}

/** Whoever stops because it was asked to has not failed. */
export function endWith(span: OpenSpan | undefined, error: unknown): void {
  if (isAbort(error)) span?.end('cancelled');
  else span?.end('failed', error ?? new TypeError('undefined was thrown instead of an error.'));
}

const nothing = () => noSpan;
const noSpan: Span = Object.freeze({
  setAttribute: nothing,
  setAttributes: nothing,
  addEvent: nothing,
});
