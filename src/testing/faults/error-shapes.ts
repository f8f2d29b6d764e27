import type { ParamRange } from '../fault-kind.ts';

const shapes = {
  Error: (what: string) => new Error(what),
  string: (what: string) => what,
  undefined: () => undefined,
  null: () => null,
  frozen: (what: string) => Object.freeze(new Error(what)),
  circular: (what: string) => {
    const error = new Error(what);
    error.cause = { error };
    return error;
  },
  /** What a cancelled body throws; from one that was not cancelled it is a failure like any other. */
  abort: (what: string) => Object.assign(new Error(what), { name: 'AbortError' }),
  /** It has no text: `String(it)` throws. */
  bare: () => Object.create(null) as unknown,
} as const;

type Shape = keyof typeof shapes;

/** All that a program may throw. */
export const errorShapes: ParamRange = { kind: 'choice', of: Object.keys(shapes) };

/** The same without errors proper. */
export const nonErrorShapes: ParamRange = {
  kind: 'choice',
  of: ['string', 'undefined', 'null', 'bare'] satisfies Shape[],
};

/** @param what for the message: it says that the failure was injected */
export function errorOfShape(shape: unknown, what: string): unknown {
  const make = shapes[typeof shape === 'string' ? (shape as Shape) : 'Error'] ?? shapes.Error;
  return make(`injected: ${what}`);
}
