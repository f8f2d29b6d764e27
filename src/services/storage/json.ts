import { isPlain } from '../../define/recorded.ts';

const deepest = 500;

/** Why a value is not what JSON can say, and where. */
export interface JsonFault {
  /** `value.user.tags[3]` */
  readonly at: string;
  readonly problem: string;
}

/**
 * What JSON would change without a word: stored as something else, it would come back as something
 * else. A property that is undefined is left out, which reads the same; everything else is a fault.
 */
export function jsonFault(value: unknown): JsonFault | undefined {
  return faultAt(value, 'value', new Set());
}

function faultAt(value: unknown, at: string, above: Set<object>): JsonFault | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return undefined;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : { at, problem: `is ${value}` };
  }
  if (typeof value !== 'object') return { at, problem: `is ${nameOf(value)}` };
  if (above.has(value)) return { at, problem: 'contains itself' };
  if (above.size === deepest) return { at: cut(at), problem: `is nested ${deepest} deep` };
  above.add(value);
  const fault = Array.isArray(value) ? inList(value, at, above) : inObject(value, at, above);
  above.delete(value);
  return fault;
}

function inList(list: readonly unknown[], at: string, above: Set<object>): JsonFault | undefined {
  for (let index = 0; index < list.length; index++) {
    const fault = faultAt(list[index], `${at}[${index}]`, above);
    if (fault) return fault;
  }
  return undefined;
}

function inObject(value: object, at: string, above: Set<object>): JsonFault | undefined {
  if (!isPlain(value))
    return { at, problem: `is a ${value.constructor?.name || 'class instance'}` };
  if (typeof value.toJSON === 'function') return { at, problem: 'has a method toJSON' };
  const [symbol] = Object.getOwnPropertySymbols(value);
  if (symbol) return { at, problem: `has the key ${String(symbol)}` };
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const fault = faultAt(
      inner,
      isName.test(key) ? `${at}.${key}` : `${at}[${JSON.stringify(key)}]`,
      above,
    );
    if (fault) return fault;
  }
  return undefined;
}

const isName = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

function nameOf(value: unknown): string {
  if (value === undefined) return 'undefined';
  return typeof value === 'bigint' ? 'a bigint' : `a ${typeof value}`;
}

function cut(at: string): string {
  return at.length > 60 ? `${at.slice(0, 60)}…` : at;
}
