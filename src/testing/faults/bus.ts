import type { FaultKind } from '../fault-kind.ts';
import type { FaultParams } from '../plan.ts';
import type { Simulation } from '../simulation.ts';
import type { TreeInfo } from '../tree-info.ts';

const count = { kind: 'integer', min: 1, max: 5 } as const;
const ms = { kind: 'ms', min: 1, max: 30_000 } as const;

type Apply = (simulation: Simulation, path: string, params: FaultParams) => void;

/** Strikes the handlers of one service. Tried where it is named: few trees have any. */
function busFault(
  name: string,
  description: string,
  params: FaultKind['params'],
  apply: Apply,
): FaultKind {
  return {
    name,
    group: 'bus',
    strikes: 'system',
    isByName: true,
    description,
    params,
    targets: (tree: TreeInfo) => tree.services().map(({ path }) => path),
    apply(simulation, given, target) {
      if (target !== undefined) apply(simulation, target, given);
    },
  };
}

/** What can happen to those who subscribe to events. */
export const busFaults: readonly FaultKind[] = [
  busFault(
    'handlerThrows',
    'The next calls of its event handlers throw.',
    { count },
    (sim, path, given) => sim.bus.strike('throws', path, Number(given.count ?? 1)),
  ),
  busFault(
    'handlerHangs',
    'The next calls of its event handlers never return.',
    { count },
    (sim, path, given) => sim.bus.strike('hangs', path, Number(given.count ?? 1)),
  ),
  busFault(
    'handlerSlow',
    'Its event handlers take longer for a while.',
    { ms, delay: { kind: 'ms', min: 1, max: 10_000 } },
    (sim, path, given) =>
      sim.bus.slowDown(path, Number(given.ms ?? 1_000), Number(given.delay ?? 100)),
  ),
  busFault('mailboxFull', 'The next events find its mailbox full.', { count }, (sim, path, given) =>
    sim.bus.strike('overflow', path, Number(given.count ?? 1)),
  ),
];
