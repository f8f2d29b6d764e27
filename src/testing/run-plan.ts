import type { AnySupervisor } from '../define/definition.ts';
import { canDrainSync } from './drain.ts';
import {
  booting,
  contain,
  driveByTurns,
  driveSync,
  type Moves,
  movingTo,
  stopping,
} from './drive.ts';
import type { FaultPlan } from './plan.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';
import type { Trace } from './trace.ts';
import { Workload, type WorkloadScript } from './workload.ts';
import { inNewWorld, type WorldChoices } from './world/enter.ts';

/** How promises are drained between two timers: at once, or by a turn of the event loop. */
export type Drain = 'sync' | 'macrotask';

export interface RunOptions extends WorldChoices, SimulationOptions {
  /** @default 'sync' where this Node can */
  readonly drain?: Drain;
  /** What is asked of the tree while it runs. @default nothing */
  readonly workload?: WorkloadScript;
  /**
   * Whether errors say where they come from. Without, runs are a tenth faster; only while promises
   * are drained at once. @default true
   */
  readonly stacks?: boolean;
}

export interface PlannedRun {
  readonly trace: Trace;
  readonly simulation: Simulation;
}

/**
 * Runs a tree under a plan: boot, faults, stop at the horizon, until everything is down. A fresh tree
 * is made for it.
 */
export function runPlan(
  makeTree: () => AnySupervisor,
  plan: FaultPlan,
  options: RunOptions = {},
): Promise<PlannedRun> {
  const drain = options.drain ?? (canDrainSync ? 'sync' : 'macrotask');
  return inNewWorld(plan.seed, options, (world) => {
    const simulation = new Simulation(makeTree(), world, plan, options);
    const release = contain(simulation);
    const finish = () => ({ trace: simulation.finish(), simulation });
    const moves = wholeRun(simulation, options.workload);
    if (drain === 'macrotask') return driveByTurns(moves).then(finish).finally(release);
    const { stackTraceLimit } = Error;
    if (options.stacks === false) Error.stackTraceLimit = 0;
    try {
      driveSync(simulation, moves);
      return finish();
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      release();
    }
  });
}

function* wholeRun(simulation: Simulation, workload: WorkloadScript | undefined): Moves {
  const { horizonMs } = simulation.plan;
  if (workload) workload(new Workload(simulation));
  yield* booting(simulation);
  yield* movingTo(simulation, horizonMs);
  yield* stopping(simulation);
}
