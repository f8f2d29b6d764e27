import { isDefinition } from './definition.ts';
import { isLogic } from './logic.ts';

const longest = 60;

/** A value as it would be written in the source, short enough for a message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${shortened(value)}'`;
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function';
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object' || value === null) return String(value);
  if (isDefinition(value)) return `the ${value.kind} ${show(value.name)}`;
  if (isLogic(value)) return 'XState logic';
  if (isThenable(value)) return 'a promise';
  if (value instanceof Error) return `an error: ${shortened(value.message)}`;
  return 'an object';
}

/** `'a', 'b' or 'c'` */
export function oneOf(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  return quoted.length < 2
    ? quoted.join()
    : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function shortened(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
