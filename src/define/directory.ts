import { type AnyDefinition, isDefinition } from './definition.ts';
import { isWithin } from './names.ts';

/** What is at a place. Below a `dynamic` supervisor or a `service`, children come and go. */
export type PlaceKind = 'service' | 'supervisor' | 'dynamic';

/** What is where in a tree: needs are looked up in it. */
export interface Directory {
  /** The paths at which a definition occurs. */
  placesOf(definition: AnyDefinition): readonly string[];
  kindAt(path: string): PlaceKind | undefined;
  /** All paths, for "did you mean". */
  paths(): Iterable<string>;
}

/** The directory of a definition that is being compiled, on top of that of the tree it goes to. */
export class Survey implements Directory {
  readonly places = new Map<AnyDefinition, string[]>();
  readonly #kinds = new Map<string, PlaceKind>();
  readonly #around: Directory | undefined;

  constructor(around?: Directory) {
    this.#around = around;
  }

  /** Notes a definition and everything below it. The copies of a template are at `<path>/*`. */
  note(definition: AnyDefinition, path: string): void {
    const places = this.places.get(definition);
    if (places) places.push(path);
    else this.places.set(definition, [path]);
    if (definition.kind === 'service') {
      this.#kinds.set(path, 'service');
      return;
    }
    const { strategy, template } = (definition.options ?? {}) as Record<string, unknown>;
    const isDynamic = strategy === 'dynamic';
    this.#kinds.set(path, isDynamic ? 'dynamic' : 'supervisor');
    if (isDynamic && isDefinition(template)) this.note(template, `${path}/*`);
    if (!Array.isArray(definition.children)) return;
    const names = new Set<unknown>();
    for (const child of definition.children) {
      if (!isDefinition(child) || names.has(child.name)) continue;
      names.add(child.name);
      this.note(child, `${path}/${child.name}`);
    }
  }

  placesOf(definition: AnyDefinition): readonly string[] {
    const own = this.places.get(definition) ?? [];
    const others = this.#around?.placesOf(definition) ?? [];
    return others.length === 0 ? own : [...new Set([...own, ...others])];
  }

  kindAt(path: string): PlaceKind | undefined {
    return this.#kinds.get(path) ?? this.#around?.kindAt(path);
  }

  *paths(): Iterable<string> {
    yield* this.#kinds.keys();
    if (this.#around) yield* this.#around.paths();
  }
}

/**
 * The root of the copy or spawned child that `path` belongs to and `from` does not: something that
 * comes and goes, so that nobody outside can need it. Undefined when everything on the way stays.
 */
export function passingRoot(directory: Directory, path: string, from: string): string | undefined {
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
    if (directory.kindAt(path.slice(0, end)) === 'supervisor') continue;
    const next = path.indexOf('/', end + 1);
    const root = next === -1 ? path : path.slice(0, next);
    if (!isWithin(from, root)) return root;
  }
  return undefined;
}
