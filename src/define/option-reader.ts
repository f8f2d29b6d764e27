import { parseDuration } from '../../actors/rules/duration.ts';
import type { FaultCode } from '../errors.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Faults } from './faults.ts';
import { oneOf, show } from './show.ts';

const durationForms =
  "Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'.";

function problemOf(value: unknown, ms: number | undefined): string {
  if (ms !== undefined) return 'it must be above 0.';
  return typeof value === 'number' && value < 0
    ? 'it must not be negative.'
    : 'that is not a duration.';
}

function hintOf(value: unknown, ms: number | undefined, words: readonly string[]) {
  if (ms !== undefined) return undefined;
  const also = words.length === 0 ? '' : ` Or ${oneOf(words)}.`;
  return didYouMean(String(value), words) ?? `${durationForms}${also}`;
}

/** Limits on a duration. */
export interface DurationRule {
  readonly code?: FaultCode;
  /** Words that are allowed beside durations, and what they stand for. */
  readonly words?: Readonly<Record<string, number | string>>;
  /** 0 is too short. */
  readonly isPositive?: boolean;
}

/**
 * Reads options one by one. An option that was not given, or is undefined, has its fallback; so has
 * one that is wrong, which is reported, so that the reading goes on and finds the rest.
 */
export class OptionReader {
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #prefix: string;
  readonly path: string;
  readonly faults: Faults;

  /** @param prefix what to put before names in messages: `backoff.` */
  constructor(options: object, path: string, faults: Faults, prefix = '') {
    this.#options = options as Readonly<Record<string, unknown>>;
    this.#prefix = prefix;
    this.path = path;
    this.faults = faults;
  }

  raw(name: string): unknown {
    return this.#options[name];
  }

  has(name: string): boolean {
    return this.#options[name] !== undefined;
  }

  names(): string[] {
    return Object.keys(this.#options).filter((name) => this.has(name));
  }

  /** @param otherWords what people who come from elsewhere call them */
  choice<Word extends string>(
    name: string,
    words: readonly Word[],
    fallback: Word,
    code: FaultCode = 'DARUMA_INVALID_OPTION',
    otherWords: Readonly<Record<string, Word>> = {},
  ): Word {
    const value = this.raw(name);
    if (value === undefined) return fallback;
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    const meant = Object.hasOwn(otherWords, String(value)) ? otherWords[String(value)] : value;
    this.refuse(code, name, `it must be ${oneOf(words)}.`, didYouMean(meant, words));
    return fallback;
  }

  /** A duration in milliseconds, or what one of the words stands for. */
  duration<Fallback extends number | string>(
    name: string,
    fallback: Fallback,
    { code = 'DARUMA_INVALID_DURATION', words = {}, isPositive = false }: DurationRule = {},
  ): Fallback | number {
    const value = this.raw(name);
    if (value === undefined) return fallback;
    if (typeof value === 'string' && Object.hasOwn(words, value)) return words[value] as Fallback;
    const ms = parseDuration(value);
    if (ms !== undefined && (ms > 0 || !isPositive)) return ms;
    this.refuse(code, name, problemOf(value, ms), hintOf(value, ms, Object.keys(words)));
    return fallback;
  }

  number<Fallback>(
    name: string,
    fallback: Fallback,
    rule: { readonly min: number; readonly isWhole?: boolean; readonly code?: FaultCode },
  ): Fallback | number {
    const value = this.raw(name);
    if (value === undefined) return fallback;
    const isNumber = typeof value === 'number' && Number.isFinite(value) && value >= rule.min;
    if (isNumber && (!rule.isWhole || Number.isInteger(value))) return value;
    const kind = rule.isWhole ? 'a whole number' : 'a number';
    const code = rule.code ?? 'DARUMA_INVALID_OPTION';
    this.refuse(code, name, `it must be ${kind}, ${rule.min} or more.`);
    return fallback;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'boolean') return value ?? fallback;
    this.refuse('DARUMA_INVALID_OPTION', name, 'it must be true or false.');
    return fallback;
  }

  func<Type>(name: string, fallback: Type, code: FaultCode = 'DARUMA_INVALID_OPTION'): Type {
    const value = this.raw(name);
    if (value === undefined) return fallback;
    if (typeof value === 'function') return value as Type;
    this.refuse(code, name, 'it must be a function.');
    return fallback;
  }

  /** Reports `<name> is <value>; <problem>`. */
  refuse(code: FaultCode, name: string, problem: string, hint?: string): void {
    const message = `${this.#prefix}${name} is ${show(this.raw(name))}; ${problem}`;
    this.faults.add(code, this.path, message, { hint });
  }

  /** Reports the options that nobody knows. `misplaced` explains words that belong elsewhere. */
  refuseUnknown(known: readonly string[], misplaced: Readonly<Record<string, string>> = {}): void {
    for (const name of this.names()) {
      if (known.includes(name)) continue;
      const hint = Object.hasOwn(misplaced, name) ? misplaced[name] : didYouMean(name, known);
      this.faults.add(
        'DARUMA_UNKNOWN_OPTION',
        this.path,
        `there is no option ${this.#prefix}${name}.`,
        {
          hint: hint ?? `Options: ${known.join(', ')}.`,
        },
      );
    }
  }
}
