/**
 * What `start` returns to answer "not needed": the service is not running, and nothing failed.
 *
 * ```ts
 * service('tracing', {
 *   start: async (ctx) => (ctx.config.enabled ? openTracer() : ignore),
 * });
 * ```
 *
 * The spec of an ignored child is kept and shows as `stopped`; a temporary or dynamic one is
 * dropped. The symbol is shared by all copies of the package that are loaded.
 */
export const ignore: unique symbol = Symbol.for('daruma.ignore');

export type Ignore = typeof ignore;
