import type { AnySupervisor } from '../define/definition.ts';
import { canDrainSync } from './drain.ts';
import { booting, contain, driveByTurns, driveSync, stopping } from './drive.ts';
import { checkTrace, type Invariant, type Violation } from './invariant.ts';
import { defaultInvariants } from './invariants/defaults.ts';
import { emptyPlan, type FaultPlan } from './plan.ts';
import type { RunOptions } from './run-plan.ts';
import { AsyncScenario, Scenario } from './scenario.ts';
import { Simulation } from './simulation.ts';
import type { Trace } from './trace.ts';
import { Workload } from './workload.ts';

export interface SimulateOptions extends Omit<RunOptions, 'drain'> {
  /** What goes wrong beside what the body injects. @default nothing */
  readonly plan?: Partial<FaultPlan>;
  /** Looked at when it is over. @default those of supervision and of the batteries */
  readonly invariants?: readonly Invariant[];
}

export interface SimulatedRun<Result = unknown> {
  /** What the body returned. */
  readonly result: Result;
  readonly trace: Trace;
  readonly violations: readonly Violation[];
}

/**
 * Runs a tree under virtual time as a test says, from its boot on; what is still up when the body
 * returns is stopped. A plain body drives the simulation at once. An `async` body awaits every move,
 * `await sim.advance('1s')`, and may await promises of its own in between; a type cannot tell the two
 * apart, so that a forgotten await is only seen where the parameter is annotated as `AsyncScenario`.
 *
 * @example
 * const { trace } = await simulate(makeTree, (sim) => {
 *   sim.runUntil((event) => event.type === 'ready' && event.path === 'app/orders');
 *   sim.inject({ kind: 'crashAfter', trigger: { at: sim.now }, target: 'app/database' });
 *   sim.advance('1m');
 * });
 */
export function simulate<Root extends AnySupervisor, Result>(
  makeTree: () => Root,
  body: (sim: Scenario<Root>) => Result,
  options?: SimulateOptions,
): Promise<SimulatedRun<Awaited<Result>>>;
export function simulate<Root extends AnySupervisor, Result>(
  makeTree: () => Root,
  body: (sim: AsyncScenario<Root>) => Promise<Result>,
  options?: SimulateOptions,
): Promise<SimulatedRun<Result>>;
export function simulate<Root extends AnySupervisor>(
  makeTree: () => Root,
  body: (sim: never) => unknown,
  options: SimulateOptions = {},
): Promise<SimulatedRun> {
  const isAsync = body.constructor.name === 'AsyncFunction' || !canDrainSync;
  return new Promise((resolve, reject) => {
    // A macrotask of its own: only from there can promises be drained at once.
    setImmediate(() => {
      try {
        const run = isAsync ? runAsync : runSync;
        run(makeTree, body, options).then(resolve, reject);
      } catch (error) {
        reject(error);
      }
    });
  });
}

type Run<Root extends AnySupervisor> = (
  makeTree: () => Root,
  body: (sim: never) => unknown,
  options: SimulateOptions,
) => Promise<SimulatedRun>;

/** Without an await: it would end the macrotask that draining at once needs. */
async function runSync(...[makeTree, body, options]: Parameters<Run<AnySupervisor>>) {
  const simulation = simulationOf(makeTree, options);
  const release = contain(simulation);
  try {
    driveSync(simulation, booting(simulation));
    const result = body(new Scenario(simulation) as never);
    if (result instanceof Promise) {
      throw new TypeError(
        "The body of simulate() returned a promise, but is no async function: write 'async (sim) =>', and await each move.",
      );
    }
    driveSync(simulation, stopping(simulation));
    return outcomeOf(simulation, result, options);
  } finally {
    simulation.finish();
    release();
  }
}

async function runAsync(...[makeTree, body, options]: Parameters<Run<AnySupervisor>>) {
  const simulation = simulationOf(makeTree, options);
  const release = contain(simulation);
  try {
    await driveByTurns(booting(simulation));
    const result = await body(new AsyncScenario(simulation) as never);
    await driveByTurns(stopping(simulation));
    return outcomeOf(simulation, result, options);
  } finally {
    simulation.finish();
    release();
  }
}

function simulationOf(makeTree: () => AnySupervisor, options: SimulateOptions): Simulation {
  const simulation = new Simulation(makeTree(), { ...emptyPlan, ...options.plan }, options.system);
  options.workload?.(new Workload(simulation));
  return simulation;
}

function outcomeOf(
  simulation: Simulation,
  result: unknown,
  { invariants = defaultInvariants }: SimulateOptions,
): SimulatedRun {
  const trace = simulation.finish();
  return { result, trace, violations: checkTrace(simulation.tree, trace, invariants) };
}
