/**
 * A frozen copy of a list or a plain object, so that changing it later changes nothing; anything
 * else as it is.
 */
export function recorded(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze([...value]);
  return isPlain(value) ? Object.freeze({ ...value }) : value;
}

/** Whether a value is an object literal, not an instance of something. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || !Object.getPrototypeOf(prototype);
}
