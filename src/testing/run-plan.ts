import type { AnySupervisor } from '../define/definition.ts';
import { canDrainSync, drainAsync, drainSync } from './drain.ts';
import type { FaultPlan } from './plan.ts';
import { Simulation } from './simulation.ts';
import type { Trace } from './trace.ts';

/** How promises are drained between two timers: at once, or by a turn of the event loop. */
export type Drain = 'sync' | 'macrotask';

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
  drain: Drain = canDrainSync ? 'sync' : 'macrotask',
): Promise<PlannedRun> {
  return new Promise((resolve, reject) => {
    // A macrotask of its own: only from there can promises be drained at once.
    setImmediate(() => {
      const run = drain === 'sync' ? runSync : runByTurns;
      try {
        run(new Simulation(makeTree(), plan)).then(resolve, reject);
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** The steps of a run: what has to be drained after each is drained by who drives it. */
function* steps(simulation: Simulation): Generator<void> {
  const { clock, plan } = simulation;
  simulation.boot();
  yield;
  yield* until(simulation, plan.horizonMs);
  clock.stall(Math.max(0, plan.horizonMs - clock.monotonic()));
  if (!simulation.isOver) simulation.shutdown();
  yield;
  yield* until(simulation, simulation.lastMoment);
}

function* until(simulation: Simulation, end: number): Generator<void> {
  const { clock } = simulation;
  while (!simulation.isOver) {
    const at = clock.nextAt;
    if (at === undefined || at > end) return;
    clock.stall(at - clock.monotonic());
    clock.fireNext(at);
    yield;
  }
}

// biome-ignore lint/suspicious/useAwait: an await would end the macrotask that `drainSync` needs.
async function runSync(simulation: Simulation): Promise<PlannedRun> {
  for (const _step of steps(simulation)) drainSync();
  return { trace: simulation.finish(), simulation };
}

async function runByTurns(simulation: Simulation): Promise<PlannedRun> {
  for (const _step of steps(simulation)) await drainAsync();
  return { trace: simulation.finish(), simulation };
}
