import type { AnySupervisor } from '../define/definition.ts';
import { canDrainSync } from './drain.ts';
import { booting, contain, driveByTurns, driveSync, stopping } from './drive.ts';
import { checkTrace, type Invariant, type Violation } from './invariant.ts';
import { defaultInvariants } from './invariants/defaults.ts';
import { MoveLog } from './move-log.ts';
import { emptyPlan, type FaultPlan } from './plan.ts';
import type { RunOptions } from './run-plan.ts';
import { AsyncScenario, Scenario } from './scenario.ts';
import { Simulation } from './simulation.ts';
import type { Trace } from './trace.ts';
import { Workload } from './workload.ts';
import { inNewWorld } from './world/enter.ts';

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
 * `await sim.advance('1s')`, and may await promises of its own in between; a move that it does not
 * await is an error that names the call.
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
  return inNewWorld(options.plan?.seed ?? emptyPlan.seed, options, (world) => {
    const plan = { ...emptyPlan, ...options.plan };
    const simulation = new Simulation(makeTree(), world, plan, options);
    options.workload?.(new Workload(simulation));
    const release = contain(simulation);
    const leave = () => {
      simulation.finish();
      release();
    };
    if (isAsync) return runAsync(simulation, body, options).finally(leave);
    try {
      return runSync(simulation, body, options);
    } finally {
      leave();
    }
  });
}

type Body = (sim: never) => unknown;

/** Without an await: it would end the macrotask that draining at once needs. */
function runSync(simulation: Simulation, body: Body, options: SimulateOptions): SimulatedRun {
  driveSync(simulation, booting(simulation));
  const result = body(new Scenario(simulation) as never);
  if (result instanceof Promise) {
    throw new TypeError(
      "The body of simulate() returned a promise, but is no async function: write 'async (sim) =>', and await each move.",
    );
  }
  driveSync(simulation, stopping(simulation));
  return outcomeOf(simulation, result, options);
}

async function runAsync(
  simulation: Simulation,
  body: Body,
  options: SimulateOptions,
): Promise<SimulatedRun> {
  await driveByTurns(booting(simulation));
  const moves = new MoveLog();
  const result = await body(new AsyncScenario(simulation, moves) as never);
  moves.requireAwaited();
  await driveByTurns(stopping(simulation));
  return outcomeOf(simulation, result, options);
}

function outcomeOf(
  simulation: Simulation,
  result: unknown,
  { invariants = defaultInvariants }: SimulateOptions,
): SimulatedRun {
  const trace = simulation.finish();
  return { result, trace, violations: checkTrace(simulation.tree, trace, invariants) };
}
