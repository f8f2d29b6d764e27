/** Says what is wrong with the value at a place: `steps[2].fn`. */
export type Report = (at: string, problem: string) => void;
/** What a value must be. */
export type Shape = (value: unknown, at: string, report: Report) => void;

export interface Field {
  readonly shape: Shape;
  readonly isRequired?: boolean;
}
export type Fields = Readonly<Record<string, Field>>;

export type Plain = Readonly<Record<string, unknown>>;

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const required = (shape: Shape): Field => ({ shape, isRequired: true });
export const optional = (shape: Shape): Field => ({ shape });

export const anything: Shape = () => {};

export const text: Shape = (value, at, report) => {
  if (typeof value !== 'string' || value === '') mustBe('a text', value, at, report);
};

export const flag: Shape = (value, at, report) => {
  if (typeof value !== 'boolean') mustBe('true or false', value, at, report);
};

export const number: Shape = (value, at, report) => {
  if (!isNumber(value)) mustBe('a number', value, at, report);
};

/** Milliseconds that pass. */
export const duration: Shape = (value, at, report) => {
  if (!isNumber(value) || value < 0) mustBe('a number, 0 or more', value, at, report);
};

export const count: Shape = (value, at, report) => {
  if (!isNumber(value) || value < 0 || !Number.isInteger(value)) {
    mustBe('a whole number, 0 or more', value, at, report);
  }
};

export function wordOf(words: readonly string[]): Shape {
  return (value, at, report) => {
    if (typeof value !== 'string') mustBe(`one of ${words.join(', ')}`, value, at, report);
    else if (!words.includes(value)) unknownWord(value, words, at, report);
  };
}

export function numberOrWord(...words: readonly string[]): Shape {
  return (value, at, report) => {
    if (typeof value === 'string') wordOf(words)(value, at, report);
    else if (!isNumber(value)) mustBe(`a number or ${words.join(' or ')}`, value, at, report);
  };
}

export function listOf(shape: Shape): Shape {
  return (value, at, report) => {
    if (!Array.isArray(value)) return mustBe('a list', value, at, report);
    for (const [index, each] of value.entries()) shape(each, `${at}[${index}]`, report);
  };
}

/** An object whose keys are names of the scenario. */
export function mapOf(key: Shape, shape: Shape): Shape {
  return (value, at, report) => {
    if (!isPlain(value)) return mustBe('an object', value, at, report);
    for (const [name, each] of Object.entries(value)) {
      key(name, `${at}[${JSON.stringify(name)}]`, report);
      shape(each, `${at}[${JSON.stringify(name)}]`, report);
    }
  };
}

export function objectOf(fields: Fields): Shape {
  return (value, at, report) => {
    if (!isPlain(value)) return mustBe('an object', value, at, report);
    checkFields(value, fields, at, report);
  };
}

/** Every field is known, none is missing, and each is what it must be. */
export function checkFields(value: Plain, fields: Fields, at: string, report: Report): void {
  for (const [name, each] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field) field.shape(each, join(at, name), report);
    else
      report(at, `unknown field ${show(name)}; the fields are ${Object.keys(fields).join(', ')}`);
  }
  for (const [name, { isRequired }] of Object.entries(fields)) {
    if (isRequired && !Object.hasOwn(value, name)) report(at, `the field ${show(name)} is missing`);
  }
}

export function mustBe(what: string, value: unknown, at: string, report: Report): void {
  report(at, `must be ${what}, is ${show(value)}`);
}

export function unknownWord(
  word: string,
  words: readonly string[],
  at: string,
  report: Report,
): void {
  report(at, `unknown word ${show(word)}; the words are ${words.join(', ')}`);
}

export function join(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function show(value: unknown): string {
  const shown = JSON.stringify(value) ?? String(value);
  return shown.length > 60 ? `${shown.slice(0, 57)}...` : shown;
}
