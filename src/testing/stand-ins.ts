import type { Context } from '../define/context.ts';
import type { BodySpec, ItemSpec, ServiceSpec } from '../define/spec.ts';

/** The hooks of a fake: all that a service does, in place of what the tree says. */
export interface StandIn {
  /** Resolves when ready, with the value that dependants receive. */
  start?(ctx: Context): unknown;
  /** @default lives until it is stopped */
  run?(ctx: Context, ready: unknown): unknown;
  stop?(ctx: Context, ready: unknown): unknown;
}

/** Fakes by path; `app/pool/*` for the children of a dynamic supervisor. */
export type StandIns = Readonly<Record<string, StandIn>>;

/**
 * The same tree with other bodies for some services: names, policies, needs, limits, receivers and
 * `decide` stay.
 *
 * @throws TypeError for a path at which there is no service
 */
export function withStandIns<Root extends ItemSpec>(root: Root, standIns: StandIns): Root {
  const left = new Set(Object.keys(standIns));
  if (left.size === 0) return root;
  const replaced = replace(root, root.name);
  const [unknown] = left;
  if (unknown === undefined) return replaced as Root;
  throw new TypeError(`There is no service '${unknown}' that something could stand in for.`);

  function replace(spec: ItemSpec, path: string): ItemSpec {
    if (spec.kind === 'service') {
      const fake = standIns[path];
      left.delete(path);
      return fake ? played(spec, fake) : spec;
    }
    return {
      ...spec,
      children: spec.children.map((child) => replace(child, `${path}/${child.name}`)),
      template: spec.template && replace(spec.template, `${path}/*`),
    };
  }
}

function played(spec: ServiceSpec, fake: StandIn): ServiceSpec {
  const { start, run, stop } = fake as Partial<Record<keyof StandIn, ServiceHook>>;
  // Without a start of its own it says by ctx.ready() what the real one says so.
  const ready = spec.body.ready === 'manual' && !start ? 'manual' : 'immediate';
  return { ...spec, body: { kind: 'hooks', start, run, stop, drain: undefined, ready } };
}

type ServiceHook = Extract<BodySpec, { kind: 'hooks' }>['run'];
