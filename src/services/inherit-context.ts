import { LiveContext } from '../kernel/live-context.ts';

/** Which context another one is narrower than. */
export type BaseOf<Narrow> = (narrow: Narrow, name: string) => object;

/**
 * Gives a class everything that the context of a service has and that it neither has itself nor shall
 * have.
 *
 * @param baseOf asked whenever it is used
 */
export function inheritContext<Narrow extends object>(
  prototype: Narrow,
  without: readonly string[],
  baseOf: BaseOf<Narrow>,
): void {
  const members = Object.getOwnPropertyDescriptors(LiveContext.prototype);
  for (const [name, { get }] of Object.entries(members)) {
    if (name in prototype || without.includes(name)) continue;
    const own = get ? { get: getter(name, baseOf) } : { value: method(name, baseOf) };
    Object.defineProperty(prototype, name, { configurable: true, ...own });
  }
}

function getter<Narrow>(name: string, baseOf: BaseOf<Narrow>) {
  return function (this: Narrow): unknown {
    return (baseOf(this, name) as Record<string, unknown>)[name];
  };
}

function method<Narrow>(name: string, baseOf: BaseOf<Narrow>) {
  return function (this: Narrow, ...args: unknown[]): unknown {
    const base = baseOf(this, name) as Record<string, (...args: unknown[]) => unknown>;
    return base[name]?.(...args);
  };
}
