import { isPlain } from './recorded.ts';

/** Where a value came from. `text`: as it was written, where it was read as JSON. */
export interface Origin {
  readonly source: string;
  readonly text?: string;
}

export type Keys = readonly PropertyKey[];

/** The values of one place, merged from several sources, with the origin of each. */
export class Settings {
  #values: Readonly<Record<string, unknown>> = {};
  readonly #origins = new Map<string, Origin>();

  get values(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  /** What is given later wins; objects are merged, everything else is replaced. */
  merge(values: Readonly<Record<string, unknown>>, origin: Origin): void {
    this.#values = merged(this.#values, values);
    this.#note([], values, origin);
  }

  /** Sets one value deep inside. */
  set(keys: Keys, value: unknown, origin: Origin): void {
    this.merge(nested(keys, value), origin);
  }

  /** The origin of a value, or of what it is inside of. */
  originOf(keys: Keys): Origin | undefined {
    for (let length = keys.length; length > 0; length--) {
      const origin = this.#origins.get(idOf(keys.slice(0, length)));
      if (origin) return origin;
    }
    return undefined;
  }

  at(keys: Keys): unknown {
    let value: unknown = this.#values;
    for (const key of keys) {
      value = Object.hasOwn(Object(value), key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined;
    }
    return value;
  }

  #note(keys: Keys, value: unknown, origin: Origin): void {
    if (keys.length > 0) this.#origins.set(idOf(keys), origin);
    if (!isPlain(value)) return;
    for (const [key, inner] of Object.entries(value)) this.#note([...keys, key], inner, origin);
  }
}

function idOf(keys: Keys): string {
  return JSON.stringify(keys.map(String));
}

function nested(keys: Keys, value: unknown): Readonly<Record<string, unknown>> {
  return keys.reduceRight((inner, key) => Object.fromEntries([[key, inner]]), value) as Readonly<
    Record<string, unknown>
  >;
}

/** Built from entries, so that a key named `__proto__` is a key like any other. */
function merged(
  old: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const result = new Map(Object.entries(old));
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const before = result.get(key);
    result.set(key, isPlain(before) && isPlain(value) ? merged(before, value) : value);
  }
  return Object.fromEntries(result);
}
