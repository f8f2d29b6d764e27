import type { ItemSpec, ServiceSpec } from '../../define/spec.ts';
import type { FaultKind } from '../fault-kind.ts';
import type { Simulation } from '../simulation.ts';
import type { TreeInfo } from '../tree-info.ts';

/** The hooks of a service that can be made to throw. */
export type Hook = 'decide' | 'stop' | 'drain' | 'cleanup' | 'listener';

const hooks: readonly Hook[] = ['cleanup', 'listener', 'decide', 'stop', 'drain'];

export const hookFaults: readonly FaultKind[] = [
  {
    name: 'throwInHook',
    group: 'run',
    strikes: 'system',
    description: 'A hook throws the next time that it is called: a decide, a cleanup, a listener.',
    params: { hook: { kind: 'choice', of: hooks } },
    paramsAt: (tree, target) => ({ hook: { kind: 'choice', of: hooksOf(tree.specAt(target)) } }),
    targets: (tree: TreeInfo) => tree.services().map(({ path }) => path),
    apply(simulation, { hook }, target) {
      if (hook === 'listener') failListener(simulation);
      else if (target !== undefined) simulation.failHook(target, (hook ?? 'cleanup') as Hook);
    },
  },
];

/** Those that it has, the rarest first: they are drawn more often. */
function hooksOf(spec: ItemSpec | undefined): readonly Hook[] {
  if (spec?.kind !== 'service') return hooks;
  const { decide, body } = spec;
  const { stop, drain } = body.kind === 'hooks' ? body : { stop: undefined, drain: undefined };
  const own: Partial<Record<Hook, unknown>> = { decide, stop, drain };
  return [
    ...hooks.filter((hook) => own[hook] !== undefined),
    ...hooks.filter((hook) => !(hook in own)),
  ];
}

/** Lets a subscriber outside the tree throw once. */
function failListener({ system }: Simulation): void {
  const subscription = system.events$.subscribe(() => {
    subscription.unsubscribe();
    throw new Error('injected: throw in listener');
  });
}

/** Looks at every hook of a tree. */
export interface HookWatch {
  /** Whether it is to throw now; asked when it is called. */
  fails(path: string, hook: Hook): boolean;
  /** It was called; a hook that threw has no answer. */
  called(path: string, hook: Hook, answer: unknown): void;
}

/** The same tree with every hook watched: those of children that come and go, too. */
export function withFailingHooks<Spec extends ItemSpec>(spec: Spec, watch: HookWatch): Spec {
  if (spec.kind === 'service') return bentService(spec, watch) as Spec;
  return {
    ...spec,
    children: spec.children.map((child) => withFailingHooks(child, watch)),
    template: spec.template && withFailingHooks(spec.template, watch),
  };
}

function bentService(spec: ServiceSpec, watch: HookWatch): ServiceSpec {
  const { decide, body } = spec;
  const bent =
    body.kind === 'hooks' && (body.stop || body.drain)
      ? {
          ...body,
          stop: bend(body.stop, 'stop', ({ path }) => path),
          drain: bend(body.drain, 'drain', ({ path }) => path),
        }
      : body;
  if (!decide && bent === body) return spec;
  return { ...spec, decide: bend(decide, 'decide', (_error, { path }) => path), body: bent };

  function bend<Args extends unknown[], Answer>(
    hooked: ((...args: Args) => Answer) | undefined,
    hook: Hook,
    pathOf: (...args: Args) => string,
  ): ((...args: Args) => Answer) | undefined {
    if (!hooked) return undefined;
    return (...args) => {
      const path = pathOf(...args);
      let answer: Answer | undefined;
      try {
        if (watch.fails(path, hook)) throw new Error(`injected: throw in ${hook}`);
        answer = hooked(...args);
        return answer;
      } finally {
        watch.called(path, hook, answer);
      }
    };
  }
}
