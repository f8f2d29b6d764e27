import type { FaultKind } from '../fault-kind.ts';
import type { Simulation } from '../simulation.ts';
import type { TreeInfo } from '../tree-info.ts';

/** The services that something else needs. */
function needed(tree: TreeInfo): readonly string[] {
  const paths = new Set(
    tree.services().flatMap(({ path }) => tree.needsOf(path).map((need) => need.path)),
  );
  return tree
    .services()
    .map(({ path }) => path)
    .filter((path) => paths.has(path));
}

const crash = () => new Error('injected: the dependency is lost');

/** What can go wrong with something that others need. */
export const dependencyFaults: readonly FaultKind[] = [
  {
    name: 'dependencyLoss',
    group: 'dependency',
    strikes: 'system',
    description: 'A service that others need goes down, and does not become ready for a while.',
    params: { ms: { kind: 'ms', min: 0, max: 60_000 } },
    targets: needed,
    isPossible: (tree) => needed(tree).length > 0,
    apply(simulation, { ms }, target) {
      if (target === undefined) return;
      const isBackAt = simulation.now + Number(ms ?? 1_000);
      simulation.bendEvery(target, (body) => {
        const leftMs = isBackAt - simulation.now;
        if (leftMs > 0) body.bends.begin = (begin) => body.after(leftMs, begin);
      });
      simulation.bodyAt(target)?.crash(crash());
    },
  },
  {
    name: 'dependencyFlap',
    endsIt: true,
    group: 'dependency',
    strikes: 'system',
    description: 'A service that others need goes down several times, at regular distances.',
    params: {
      times: { kind: 'integer', min: 1, max: 5 },
      ms: { kind: 'ms', min: 1, max: 30_000 },
    },
    targets: needed,
    isPossible: (tree) => needed(tree).length > 0,
    apply(simulation, { times, ms }, target) {
      if (target === undefined) return;
      for (let nth = 0; nth < Number(times ?? 2); nth++) {
        simulation.later(nth * Number(ms ?? 1_000), () =>
          simulation.bodyAt(target)?.crash(crash()),
        );
      }
    },
  },
  {
    name: 'swizzle',
    group: 'dependency',
    strikes: 'system',
    description: 'Several services are stopped by hand one by one, and started in another order.',
    params: {
      count: { kind: 'integer', min: 2, max: 5 },
      ms: { kind: 'ms', min: 0, max: 30_000 },
      pick: { kind: 'integer', min: 0, max: 1_000 },
    },
    isPossible: (tree) => tree.services().length > 1,
    apply(simulation, { count, ms, pick }) {
      swizzle(simulation, Number(count ?? 2), Number(ms ?? 1_000), Number(pick ?? 0));
    },
  },
];

function swizzle(simulation: Simulation, count: number, ms: number, pick: number): void {
  const paths = simulation.tree.services().map(({ path }) => path);
  const chosen: string[] = [];
  for (let at = pick; chosen.length < count && paths.length > 0; at += 7) {
    chosen.push(...paths.splice(at % paths.length, 1));
  }
  for (const [nth, path] of chosen.entries()) {
    simulation.later(nth * ms, () => simulation.call('stop', path));
    // Another order than the one in which they went, and not just its inverse.
    const back = (nth + 1 + pick) % chosen.length;
    simulation.later((chosen.length + back) * ms, () => simulation.call('start', path));
  }
}
