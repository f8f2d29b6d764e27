/** `ready: 'manual'` that knows the type of the value that the body makes ready. */
export type Manual<Ready> = 'manual' & { readonly __ready?: { readonly value: Ready } };

/**
 * For a body that says itself when it is ready: `ready: manual<Pool>()` is `ready: 'manual'` with
 * the type of the value, so that `ctx.ready(pool)` is checked and dependants receive a `Pool`.
 * Plain `'manual'` makes anything ready, and dependants receive `unknown`.
 */
export function manual<Ready = undefined>(): Manual<Ready> {
  return 'manual' as Manual<Ready>;
}
