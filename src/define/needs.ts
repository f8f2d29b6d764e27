import type { AnyDefinition, ReadyOf } from './definition.ts';

/** A definition; a thunk, for files that import each other; or an absolute path, `'app/db'`. */
export type Needable = AnyDefinition | (() => AnyDefinition) | string;
export type Need = Needable | Optional<Needable>;
export type Needs = Readonly<Record<string, Need>>;

/** A need that orders without being required. */
export interface Optional<Target extends Needable = Needable> {
  readonly kind: 'optional';
  readonly target: Target;
}

/**
 * The dependant starts after it and stops before it, but also starts without it: when it is not in
 * the tree, was ignored or is down, the value is `undefined`.
 */
export function optional<const Target extends Needable>(target: Target): Optional<Target> {
  return Object.freeze({ kind: 'optional', target });
}

export function isOptional(value: unknown): value is Optional {
  return (
    typeof value === 'object' && value !== null && (value as Partial<Optional>).kind === 'optional'
  );
}

/** What a body finds under a key of `ctx.needs`. */
export type NeedValue<Declared> =
  Declared extends Optional<infer Target>
    ? NeedValue<Target> | undefined
    : Declared extends string
      ? unknown
      : Declared extends () => infer Definition
        ? ReadyOf<Definition>
        : ReadyOf<Declared>;

export type NeedValues<Declared> = { readonly [Key in keyof Declared]: NeedValue<Declared[Key]> };
