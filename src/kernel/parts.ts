import { notOfferedError } from './failures.ts';
import type { Scope } from './scope.ts';

/** What one context has of the facilities of its system: each part is made when it is first touched. */
export class Parts {
  readonly #scope: Scope;
  readonly #known = new Map<string, unknown>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  of(name: string): unknown {
    if (this.#known.has(name)) return this.#known.get(name);
    const { kernel, path } = this.#scope;
    const facility = kernel.facilities[name];
    if (!facility) throw notOfferedError(path, name);
    const part = facility.partOf(this.#scope);
    this.#known.set(name, part);
    return part;
  }
}
