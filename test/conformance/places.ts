import { type Item, isSupervisor } from './vocabulary.ts';

/**
 * What a scenario says there is at each path: the items of its tree, and those that its `startChild`
 * steps add. `$name` stands for the path of a dynamic child that a step gave this name.
 */
export class Places {
  readonly #root: Item;
  readonly #added = new Map<string, Item>();
  readonly #named = new Map<string, string>();

  constructor(root: Item) {
    this.#root = root;
  }

  /** `$h1/w` as the path that it stands for; undefined when nothing has this name. */
  resolve(path: string): string | undefined {
    if (!path.startsWith('$')) return path;
    const [name = '', ...rest] = path.slice(1).split('/');
    const base = this.#named.get(name);
    return base === undefined ? undefined : [base, ...rest].join('/');
  }

  /** The supervisor at a path. */
  supervisorAt(path: string): Item | undefined {
    const item = this.#itemAt(path);
    return item && isSupervisor(item) ? item : undefined;
  }

  /** A copy of the template with what is different; its path gets the name. Returns its id. */
  addCopy(at: string, item: Item, name: string): string {
    const taken = [...this.#named.values()].filter((path) => path.startsWith(`${at}/${name}`));
    const id = taken.length === 0 ? name : `${name}-${taken.length + 1}`;
    this.#named.set(name, `${at}/${id}`);
    this.#added.set(`${at}/${id}`, item);
    return id;
  }

  add(at: string, item: Item): void {
    this.#added.set(`${at}/${item.id}`, item);
  }

  #itemAt(path: string): Item | undefined {
    const added = this.#added.get(path);
    if (added) return added;
    if (path === this.#root.id) return this.#root;
    const slash = path.lastIndexOf('/');
    const parent = slash < 0 ? undefined : this.#itemAt(path.slice(0, slash));
    const children = Array.isArray(parent?.children) ? parent.children : [];
    return children.find((child: Item) => child?.id === path.slice(slash + 1));
  }
}

/** What a dynamic supervisor makes of the overrides that `startChild` is given. */
export function copyOf(supervisor: Item, overrides: Item): Item {
  return { ...supervisor.template, ...overrides };
}
