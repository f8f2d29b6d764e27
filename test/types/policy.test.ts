import { describe, expectTypeOf, it } from 'vitest';
import { type Context, type Policy, type PolicyState, policy } from '../../src/index.ts';

declare const ctx: Context;

/** Compiled, and never called. */
const compiled = (_check: () => unknown): void => {};

describe('the types of a policy', () => {
  it('a call has the type of what its function returns', () => {
    const api = policy('api', { retry: {} });

    expectTypeOf(api).toEqualTypeOf<Policy<never>>();
    compiled(() => {
      expectTypeOf(api.run(ctx, async () => 5)).toEqualTypeOf<Promise<number>>();
      expectTypeOf(api.run(ctx, ({ attempt }) => `${attempt}`)).toEqualTypeOf<Promise<string>>();
      void api.run(ctx, ({ signal, attempt }) => {
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        expectTypeOf(attempt).toEqualTypeOf<number>();
      });
    });
  });

  it('or of the fallback', () => {
    const api = policy('api', { fallback: async (_error: unknown) => null });

    compiled(() => {
      expectTypeOf(api.run(ctx, () => 5)).toEqualTypeOf<Promise<number | null>>();
      expectTypeOf(api.state(ctx)).toEqualTypeOf<PolicyState>();
    });
  });

  it('wrong options, names and callers do not compile', () => {
    compiled(() => {
      // @ts-expect-error: not a duration
      policy('api', { timeout: '5 seconds' });
      // @ts-expect-error: no such option
      policy('api', { retry: { maxRetries: 3 } });
      // @ts-expect-error: a bulkhead has a size
      policy('api', { bulkhead: {} });
      // @ts-expect-error: a name contains no /
      policy('a/b', { retry: {} });
      // @ts-expect-error: not a context
      void policy('api', { retry: {} }).run({}, () => 1);
    });
  });
});
