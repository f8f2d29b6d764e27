import type { FaultKind } from '../fault-kind.ts';
import type { HandCall } from '../hand-calls.ts';
import type { TreeInfo } from '../tree-info.ts';

/** Everything that a call may be about: all places but the root. */
function callable(tree: TreeInfo): readonly string[] {
  return [...tree.items.values()].flatMap(({ path, parent }) => (parent ? [path] : []));
}

function byHand(call: HandCall, description: string): FaultKind {
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

/** What somebody at a console, or the tree's own code, may ask for at the wrong moment. */
export const callFaults: readonly FaultKind[] = [
  byHand('stop', 'A service or supervisor is stopped by hand.'),
  byHand('start', 'A service or supervisor is started by hand, whether it is down or not.'),
  byHand('restart', 'A service or supervisor is restarted by hand.'),
];
