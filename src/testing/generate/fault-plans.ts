import fc from 'fast-check';
import { compileTree } from '../../define/compile.ts';
import type { AnySupervisor } from '../../define/definition.ts';
import type { PlacesOf } from '../places.ts';
import { emptyPlan, type FaultPlan } from '../plan.ts';
import { TreeInfo } from '../tree-info.ts';
import { Draw } from './draw.ts';
import type { FaultSelection } from './selection.ts';
import { simpler } from './simpler.ts';
import { drawPlan, type Grounds, groundsOf } from './swarm.ts';

/** A tree as data, without starting it. */
export function treeInfoOf(root: AnySupervisor): TreeInfo {
  return new TreeInfo(compileTree(root).root);
}

/** How far a plan has been made simpler already; absent for one that was not generated here. */
interface Progress {
  readonly stage: number;
}

/**
 * Plans of faults for a tree, as a fast-check arbitrary. Every plan draws its own few kinds, services
 * and time scale; what fails shrinks towards few faults that do not depend on timing. Plans that were
 * kept in a file shrink as well.
 */
export function faultPlans<Root extends AnySupervisor>(
  tree: Root | TreeInfo,
  selection: FaultSelection<PlacesOf<Root>> = {},
  horizonMs: number = emptyPlan.horizonMs,
): fc.Arbitrary<FaultPlan<PlacesOf<Root>>> {
  const info = tree instanceof TreeInfo ? tree : treeInfoOf(tree);
  return new FaultPlans(
    groundsOf(info, selection, horizonMs),
  ) as fc.Arbitrary<unknown> as fc.Arbitrary<FaultPlan<PlacesOf<Root>>>;
}

class FaultPlans extends fc.Arbitrary<FaultPlan> {
  readonly #grounds: Grounds;

  constructor(grounds: Grounds) {
    super();
    this.#grounds = grounds;
  }

  generate(random: fc.Random): fc.Value<FaultPlan> {
    return new fc.Value(drawPlan(new Draw(random), this.#grounds), { stage: 0 });
  }

  canShrinkWithoutContext(value: unknown): value is FaultPlan {
    const { faults, choices } = (value ?? {}) as Partial<FaultPlan>;
    return Array.isArray(faults) && Array.isArray(choices);
  }

  shrink(plan: FaultPlan, context: unknown): fc.Stream<fc.Value<FaultPlan>> {
    const { stage = 0 } = (context ?? {}) as Partial<Progress>;
    return new fc.Stream(candidates(plan, stage, this.#grounds));
  }
}

function* candidates(
  plan: FaultPlan,
  stage: number,
  grounds: Grounds,
): IterableIterator<fc.Value<FaultPlan>> {
  for (const [candidate, at] of simpler(plan, stage, grounds)) {
    yield new fc.Value(candidate, { stage: at });
  }
}
