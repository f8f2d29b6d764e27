import type { AnyDefinition, ServiceDefinition, SupervisorDefinition } from './definition.ts';

/**
 * All paths of a tree with the definition at each: `{ app: ..., 'app/edge/feed': FeedDef }`.
 * Below a dynamic supervisor any id is a path: `app/pool/${string}`.
 */
export type TreeOf<Root> = Root extends SupervisorDefinition<string, infer Tree> ? Tree : never;

/** The paths of a tree. */
export type PathsOf<Root> = keyof TreeOf<Root> & string;

/** The tree of a supervisor with children. */
export type StaticTree<Name extends string, Children extends readonly AnyDefinition[]> = {
  readonly [Entry in
    | [Name, SupervisorDefinition<Name>]
    | Below<Name, Children[number]> as Entry[0]]: Entry[1];
};

/** The tree of a dynamic supervisor. What a supervisor as a template has inside is not spelled out. */
export type DynamicTree<Name extends string, Template> = {
  readonly [Entry in
    | [Name, SupervisorDefinition<Name, unknown, Template>]
    | [
        `${Name}/${string}`,
        Template extends ServiceDefinition ? Template : AnyDefinition,
      ] as Entry[0]]: Entry[1];
};

/** `[path, definition]` of everything below a supervisor, as a union: it stays linear. */
type Below<Prefix extends string, Child> =
  Child extends SupervisorDefinition<infer Name, infer Tree>
    ? unknown extends Tree
      ? [`${Prefix}/${Name}` | `${Prefix}/${Name}/${string}`, AnyDefinition]
      : { [Path in keyof Tree & string]: [`${Prefix}/${Path}`, Tree[Path]] }[keyof Tree & string]
    : Child extends ServiceDefinition<infer Name>
      ? [`${Prefix}/${Name}`, Child]
      : never;
