import fc from 'fast-check';
import { type Duration, parseDuration } from '../../actors/rules/duration.ts';
import type { AnySupervisor } from '../define/definition.ts';
import { faultPlans, treeInfoOf } from './generate/fault-plans.ts';
import type { FaultSelection } from './generate/selection.ts';
import { checkTrace, type Invariant, type Violation } from './invariant.ts';
import { defaultInvariants } from './invariants/defaults.ts';
import type { PlacesOf } from './places.ts';
import { emptyPlan, type FaultPlan } from './plan.ts';
import { type PlannedRun, type RunOptions, runPlan } from './run-plan.ts';
import type { Escape } from './world/world.ts';

export interface PropertyOptions<Path extends string = string> extends RunOptions {
  /** @default all kinds on all services, 20 in a run at most */
  readonly faults?: FaultSelection<Path>;
  /** @default those of supervision and of the batteries; give them as well when yours come on top */
  readonly invariants?: readonly Invariant[];
  /** Virtual time until a tree is stopped, unless a fault has stopped it before. @default '60s' */
  readonly horizon?: Duration;
  /** Once something was found, what making it smaller may take of real time. @default '5s' */
  readonly shrinkBudget?: Duration;
}

/** What a run broke, as the property throws it. */
export class ViolationError extends Error {
  override readonly name = 'ViolationError';
  readonly violation: Violation;
  readonly plan: FaultPlan;

  constructor(violation: Violation, plan: FaultPlan) {
    super(`${violation.invariant}: ${violation.message}`);
    this.violation = violation;
    this.plan = plan;
  }
}

/** What a search has found so far. */
export interface Finding {
  readonly violation: Violation;
  readonly plan: FaultPlan;
  readonly run: PlannedRun;
}

/**
 * Looks for a plan that breaks an invariant. Once one is found, only the same invariant counts: what
 * is made smaller must not turn into another failure on the way.
 */
export class Search {
  readonly #makeTree: () => AnySupervisor;
  readonly #options: PropertyOptions;
  readonly #shrinkMs: number;
  #shrinkUntil: number | undefined;
  #original: Finding | undefined;
  #smallest: Finding | undefined;
  #runs = 0;
  #shrinkRuns = 0;
  #faults = 0;
  #events = 0;
  #simulatedMs = 0;
  /** By what left and where. */
  readonly #escapes = new Map<string, Escape>();

  constructor(makeTree: () => AnySupervisor, options: PropertyOptions) {
    this.#makeTree = makeTree;
    this.#options = options;
    this.#shrinkMs = parseDuration(options.shrinkBudget ?? '5s') ?? 5_000;
  }

  /** The failure as it was found. */
  get original(): Finding | undefined {
    return this.#original;
  }

  /** The same made as small as the budget allowed. */
  get smallest(): Finding | undefined {
    return this.#smallest;
  }

  /** Runs until something was found, and those that made it smaller. */
  get counts() {
    return {
      runs: this.#runs,
      shrinkRuns: this.#shrinkRuns,
      faults: this.#faults,
      events: this.#events,
      simulatedMs: this.#simulatedMs,
      escapes: [...this.#escapes.values()],
    };
  }

  /** @throws ViolationError when the plan breaks an invariant */
  async try(plan: FaultPlan): Promise<void> {
    const isShrinking = this.#original !== undefined;
    if (this.#shrinkUntil !== undefined && performance.now() > this.#shrinkUntil) return;
    const run = await runPlan(this.#makeTree, plan, { stacks: false, ...this.#options });
    if (isShrinking) this.#shrinkRuns++;
    else this.#count(run);
    const violation = this.#violationOf(run);
    if (!violation) return;
    const finding = { violation, plan, run };
    this.#original ??= finding;
    this.#smallest = finding;
    this.#shrinkUntil ??= performance.now() + this.#shrinkMs;
    throw new ViolationError(violation, plan);
  }

  #violationOf({ trace, simulation }: PlannedRun): Violation | undefined {
    const invariants = this.#options.invariants ?? defaultInvariants;
    const locked = this.#original?.violation.invariant;
    const wanted = locked ? invariants.filter(({ name }) => name === locked) : invariants;
    return checkTrace(simulation.tree, trace, wanted)[0];
  }

  #count({ trace, simulation }: PlannedRun): void {
    this.#runs++;
    this.#events += trace.events.length;
    this.#simulatedMs += simulation.now;
    for (const { type } of trace) if (type === 'fault') this.#faults++;
    for (const left of trace.header.escapes ?? []) {
      this.#escapes.set(`${left.what} ${left.line} ${left.path}`, left);
    }
  }
}

/**
 * That a tree keeps its invariants whatever goes wrong, as a property for `fc.assert`. Make it anew
 * for each assertion: it remembers what it has found.
 */
export function treeProperty<Root extends AnySupervisor>(
  makeTree: () => Root,
  options: PropertyOptions<PlacesOf<Root>> = {},
): fc.IAsyncProperty<[FaultPlan]> {
  const search = new Search(makeTree, options);
  return fc.asyncProperty(plansFor(makeTree, options), (plan) => search.try(plan));
}

export function plansFor<Root extends AnySupervisor>(
  makeTree: () => Root,
  options: PropertyOptions<PlacesOf<Root>>,
): fc.Arbitrary<FaultPlan> {
  const { faults = {}, horizon = emptyPlan.horizonMs } = options;
  const horizonMs = parseDuration(horizon) ?? emptyPlan.horizonMs;
  return faultPlans(treeInfoOf(makeTree()), faults, horizonMs);
}
