import type { FaultKind, ParamRange } from '../fault-kind.ts';
import type { HandCall } from '../hand-calls.ts';
import type { Simulation } from '../simulation.ts';
import type { TreeInfo } from '../tree-info.ts';

/** Everything that a call may be about: all places but the root. */
function callable(tree: TreeInfo): readonly string[] {
  return [...tree.items.values()].flatMap(({ path, parent }) => (parent ? [path] : []));
}

function byHand(call: Exclude<HandCall, 'startChild'>, description: string): FaultKind {
  return {
    name: `${call}ByHand`,
    group: 'system',
    strikes: 'system',
    description,
    params: {},
    targets: callable,
    apply(simulation, _params, target) {
      if (target !== undefined) simulation.call(call, target);
    },
  };
}

/** Supervisors whose children come and go. */
function pools(tree: TreeInfo): readonly string[] {
  return tree
    .supervisors()
    .flatMap(({ path, spec }) => (spec.kind === 'supervisor' && spec.template ? [path] : []));
}

/** More show nothing that these do not, where there is no limit to meet. */
const crowd = { kind: 'integer', min: 1, max: 10 } as const;

/** One more than a pool may have. */
function crowdOf(tree: TreeInfo, pool: string): Readonly<Record<string, ParamRange>> {
  const spec = tree.specAt(pool);
  const most = spec?.kind === 'supervisor' ? spec.maxChildren + 1 : crowd.max;
  return { count: { ...crowd, max: Math.min(most, crowd.max) } };
}

/** Those that the pool would give them itself. */
function freeIds(simulation: Simulation, pool: string, count: number): string[] {
  const ids: string[] = [];
  for (let id = 1; ids.length < count; id++) {
    if (simulation.status(`${pool}/${id}`) === 'absent') ids.push(String(id));
  }
  return ids;
}

/** What somebody at a console, or the tree's own code, may ask for at the wrong moment. */
export const callFaults: readonly FaultKind[] = [
  byHand('stop', 'A service or supervisor is stopped by hand.'),
  byHand('start', 'A service or supervisor is started by hand, whether it is down or not.'),
  byHand('restart', 'A service or supervisor is restarted by hand.'),
  {
    name: 'startChildren',
    group: 'system',
    strikes: 'system',
    description:
      'A dynamic supervisor is asked for several children of its template, perhaps for more than it may have.',
    params: { count: crowd },
    paramsAt: crowdOf,
    isPossible: (tree) => pools(tree).length > 0,
    targets: pools,
    apply(simulation, { count }, target) {
      if (target === undefined) return;
      for (const id of freeIds(simulation, target, Number(count))) {
        simulation.call('startChild', `${target}/${id}`);
      }
    },
  },
];
