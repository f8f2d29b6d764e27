import { codes } from './codes.ts';
import { itemShape, overrideShape } from './item-shapes.ts';
import { copyOf, Places } from './places.ts';
import {
  anything,
  checkFields,
  count,
  duration,
  type Fields,
  isPlain,
  join,
  listOf,
  mapOf,
  mustBe,
  number,
  numberOrWord,
  objectOf,
  optional,
  type Plain,
  type Report,
  required,
  type Shape,
  text,
  unknownWord,
  wordOf,
} from './shapes.ts';
import * as words from './vocabulary.ts';

/** Everything in a scenario that is not in the vocabulary, each with its place. Empty: it can run. */
export function faultsOf(scenario: unknown): string[] {
  const faults: string[] = [];
  const report: Report = (at, problem) => {
    faults.push(at === '' ? problem : `${at}: ${problem}`);
  };
  if (!isPlain(scenario)) {
    mustBe('an object', scenario, 'the scenario', report);
    return faults;
  }
  const isUnchecked = typeof scenario.id === 'string' && scenario.id.startsWith('VAL-');
  const fields: Fields = {
    id: required(text),
    title: optional(anything),
    source: optional(anything),
    tree: required(itemShape({ isUnchecked, role: 'root' })),
    steps: required((value, at) => new StepCheck(scenario, isUnchecked, report).all(value, at)),
  };
  checkFields(scenario, fields, '', report);
  return faults;
}

/** Walks through the steps, because a name is known only after the step that gives it. */
class StepCheck {
  readonly #report: Report;
  readonly #isUnchecked: boolean;
  readonly #root: unknown;
  readonly #places: Places;
  readonly #results = new Set<string>();

  constructor({ tree }: Plain, isUnchecked: boolean, report: Report) {
    this.#report = report;
    this.#isUnchecked = isUnchecked;
    this.#root = isPlain(tree) ? tree.id : undefined;
    this.#places = new Places(isPlain(tree) ? tree : {});
  }

  all(steps: unknown, at: string): void {
    if (!Array.isArray(steps)) return mustBe('a list', steps, at, this.#report);
    if (steps.length === 0) this.#report(at, 'there are none, so that nothing would be tested');
    for (const [index, step] of steps.entries()) this.#step(step, `${at}[${index}]`);
  }

  #step(step: unknown, at: string): void {
    if (!isPlain(step)) return mustBe('an object', step, at, this.#report);
    const kinds: Readonly<Record<string, Fields>> = {
      start: this.#asked,
      stop: this.#asked,
      exit: { paths: required(this.#paths), reason: required(wordOf(words.exitReasons)) },
      advance: { ms: required(duration) },
      call: this.#callFields(step),
      mark: {},
      expect: this.#assertions,
    };
    const { do: kind } = step;
    const fields = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (!fields)
      return required(wordOf(Object.keys(kinds))).shape(kind, join(at, 'do'), this.#report);
    if (step.do === 'call') this.#addChild(step);
    if (typeof step.as === 'string') this.#results.add(step.as);
    checkFields(step, { do: required(anything), ...fields }, at, this.#report);
    if (step.do === 'expect' && Object.keys(step).length === 1) {
      this.#report(at, 'there is no assertion in it');
    }
  }

  #callFields({ fn, at }: Plain): Fields {
    const isStart = fn === 'startChild';
    const supervisor = this.#supervisorAt(at);
    const spec =
      supervisor?.strategy === 'dynamic'
        ? overrideShape(this.#isUnchecked, supervisor.template)
        : itemShape({ isUnchecked: this.#isUnchecked, role: 'item' });
    return {
      fn: required(wordOf(words.calls)),
      at: required(this.#path),
      ...(isStart ? { spec: required(spec) } : { child: required(this.#child) }),
      ...this.#asked,
    };
  }

  #addChild({ fn, at, spec, as }: Plain): void {
    if (fn !== 'startChild' || typeof at !== 'string' || !isPlain(spec)) return;
    const supervisor = this.#supervisorAt(at);
    const path = this.#places.resolve(at);
    if (!supervisor || path === undefined) return;
    if (supervisor.strategy !== 'dynamic') this.#places.add(path, spec);
    else if (typeof as === 'string') this.#places.addCopy(path, copyOf(supervisor, spec), as);
  }

  #supervisorAt(at: unknown): words.Item | undefined {
    const path = typeof at === 'string' ? this.#places.resolve(at) : undefined;
    return path === undefined ? undefined : this.#places.supervisorAt(path);
  }

  // Words that depend on the scenario.

  readonly #path: Shape = (value, at, report) => {
    if (typeof value !== 'string') return mustBe('a path', value, at, report);
    if (value.startsWith('$')) {
      if (this.#places.resolve(value) === undefined) {
        report(at, `${value}: no startChild before has given this name`);
      }
    } else if (value.split('/')[0] !== this.#root) {
      report(at, `${JSON.stringify(value)} does not begin with the id of the root`);
    }
  };

  readonly #paths = listOf(this.#path);

  readonly #child: Shape = (value, at, report) => {
    const isName = typeof value === 'string' && value.startsWith('$');
    (isName ? this.#path : text)(value, at, report);
  };

  readonly #entry: Shape = (value, at, report) => {
    if (typeof value !== 'string') return mustBe("'event path'", value, at, report);
    const [event, path] = words.splitEntry(value);
    const { eventNames } = words;
    if (!(eventNames as readonly string[]).includes(event)) {
      unknownWord(event, eventNames, at, report);
    }
    this.#path(path, at, report);
  };

  readonly #name: Shape = (value, at, report) => {
    if (!this.#results.has(value as string)) report(at, 'no step before has given this name');
  };

  readonly #result: Shape = (value, at, report) => {
    if (!isPlain(value)) return wordOf(['ok', 'pending'])(value, at, report);
    const refused = { error: required(wordOf(codes)), paths: optional(this.#paths) };
    objectOf(refused)(value, at, report);
  };

  readonly #asked: Fields = { expect: required(this.#result), as: optional(asName) };

  readonly #assertions: Fields = {
    status: optional(mapOf(this.#path, wordOf(words.statuses))),
    starts: optional(mapOf(this.#path, count)),
    counts: optional(mapOf(this.#path, objectOf(countFields))),
    log: optional(listOf(this.#entry)),
    logExact: optional(listOf(this.#entry)),
    never: optional(listOf(this.#entry)),
    ended: optional(mapOf(this.#path, wordOf(words.endReasons))),
    results: optional(mapOf(this.#name, this.#result)),
    delays: optional(mapOf(this.#path, listOf(number))),
    restartsCharged: optional(mapOf(this.#path, count)),
    unstopped: optional(this.#paths),
    stopErrors: optional(this.#paths),
    worstCaseMs: optional(mapOf(this.#path, numberOrWord('infinity'))),
    pendingTimers: optional(count),
  };
}

const countFields: Fields = {
  specs: required(count),
  active: required(count),
  supervisors: required(count),
  workers: required(count),
};

const asName: Shape = (value, at, report) => {
  if (typeof value !== 'string' || !/^\w[\w-]*$/.test(value)) {
    mustBe('a name of letters, digits, - and _', value, at, report);
  }
};
