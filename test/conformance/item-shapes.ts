import {
  anything,
  checkFields,
  duration,
  type Field,
  type Fields,
  flag,
  isPlain,
  listOf,
  mustBe,
  number,
  numberOrWord,
  objectOf,
  optional,
  type Plain,
  required,
  type Shape,
  text,
  wordOf,
} from './shapes.ts';
import * as words from './vocabulary.ts';

/** How an item of section 1 is looked at. */
export interface View {
  /** Family VAL: values that the library judges are passed on unchecked; names of fields are not. */
  readonly isUnchecked: boolean;
  /** A template has no id; an override says only what is different. */
  readonly role: 'root' | 'item' | 'template' | 'override';
}

const timed = objectOf(
  Object.fromEntries(words.timedStarts.map((word) => [word, optional(duration)])),
);

const startOutcome: Shape = (value, at, report) => {
  if (!isPlain(value)) return wordOf(words.startWords)(value, at, report);
  timed(value, at, report);
  const { length } = Object.keys(value);
  if (length !== 1) mustBe(`one of ${words.timedStarts.join(', ')}`, value, at, report);
};

const startOutcomes: Shape = (value, at, report) => {
  if (!Array.isArray(value)) return startOutcome(value, at, report);
  listOf(startOutcome)(value, at, report);
  if (value.length === 0) mustBe('one outcome or more', value, at, report);
};

const stopBehaviour: Shape = (value, at, report) => {
  if (!isPlain(value)) return wordOf(words.stopWords)(value, at, report);
  objectOf({ takesMs: required(duration) })(value, at, report);
};

const backoffFields = { firstMs: number, maxMs: number, resetAfterMs: number, factor: number };

const backoff = (isUnchecked: boolean): Shape => {
  const fields = Object.entries(backoffFields).map(([name, shape]): [string, Field] => [
    name,
    { shape: isUnchecked ? anything : shape, isRequired: !isUnchecked && name !== 'factor' },
  ]);
  const whole = objectOf(Object.fromEntries(fields));
  return (value, at, report) => {
    if (isPlain(value) || !isUnchecked) whole(value, at, report);
  };
};

function childFields({ isUnchecked }: View): Fields {
  const judged = (shape: Shape) => optional(isUnchecked ? anything : shape);
  return {
    restart: judged(wordOf(words.restartTypes)),
    stopWithinMs: judged(numberOrWord('brutal', 'infinity')),
    significant: judged(flag),
    needs: judged(listOf(text)),
    onLoss: judged(wordOf(words.onLosses)),
    backoff: optional(backoff(isUnchecked)),
    decide: judged(wordOf(words.decisions)),
    startWithinMs: judged(number),
    start: optional(startOutcomes),
    stop: optional(stopBehaviour),
  };
}

function supervisorFields(view: View, strategy: unknown): Fields {
  const { isUnchecked, role } = view;
  const judged = (shape: Shape) => optional(isUnchecked ? anything : shape);
  const inside = (role: View['role']): Shape => {
    return (value, at, report) => {
      if (isPlain(value) || !isUnchecked) itemShape({ isUnchecked, role })(value, at, report);
    };
  };
  const template = { template: optional(inside('template')), maxChildren: judged(number) };
  const children: Shape = (value, at, report) => {
    if (Array.isArray(value) || !isUnchecked) listOf(inside('item'))(value, at, report);
  };
  const isDynamic = strategy === 'dynamic';
  return {
    restart: judged(wordOf(words.restartTypes)),
    significant: judged(flag),
    strategy: { ...judged(wordOf(words.strategies)), isRequired: role !== 'override' },
    intensity: judged(number),
    periodMs: judged(number),
    whenExhausted: judged(wordOf(words.exhaustions)),
    autoShutdown: judged(wordOf(words.autoShutdowns)),
    start: judged(wordOf(words.startOrders)),
    stopWithinMs: judged(numberOrWord('infinity')),
    ...((!isDynamic || isUnchecked) && { children: optional(children) }),
    ...((isDynamic || isUnchecked) && template),
    ...(isDynamic && !isUnchecked && role !== 'override' && requiredTemplate(template.template)),
  };
}

function requiredTemplate(template: Field): Fields {
  return { template: { ...template, isRequired: true } };
}

/** An item of section 1 with everything in it. */
export function itemShape(view: View): Shape {
  return (value, at, report) => {
    if (!isPlain(value)) return mustBe('an object', value, at, report);
    const isGroup = view.role === 'root' || 'strategy' in value;
    checkItem(view, value, isGroup ? value.strategy : undefined, isGroup, at, report);
  };
}

/** What `startChild` of a dynamic supervisor may override of its template. */
export function overrideShape(isUnchecked: boolean, template: words.Item | undefined): Shape {
  const isGroup = isPlain(template) && words.isSupervisor(template);
  return (value, at, report) => {
    if (!isPlain(value)) return mustBe('an object', value, at, report);
    const strategy = value.strategy ?? template?.strategy;
    checkItem({ isUnchecked, role: 'override' }, value, strategy, isGroup, at, report);
  };
}

function checkItem(
  view: View,
  value: Plain,
  strategy: unknown,
  isGroup: boolean,
  at: string,
  report: Parameters<Shape>[2],
): void {
  const hasId = view.role === 'root' || view.role === 'item';
  const fields = isGroup ? supervisorFields(view, strategy) : childFields(view);
  const id: Fields = hasId ? { id: required(view.isUnchecked ? anything : text) } : {};
  checkFields(value, { ...id, ...fields }, at, report);
}
