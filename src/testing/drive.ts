import { drainAsync, drainSync } from './drain.ts';
import { guardProcess } from './process-guard.ts';
import type { Simulation } from './simulation.ts';

/**
 * Moves of a simulation: each is a series of steps, and what promises cause is drained after every
 * one of them by who drives it.
 */
export type Moves<Result = void> = Generator<void, Result>;

/** Boots a simulation and lets everything happen that is due at once. */
export function* booting(simulation: Simulation): Moves {
  simulation.boot();
  yield;
}

/** Moves time on to a moment, stopping at every timer on the way, until the system is down. */
export function* movingTo(simulation: Simulation, end: number): Moves {
  const { clock } = simulation;
  yield* firingUntil(simulation, end);
  if (!simulation.isOver) clock.stall(Math.max(0, end - clock.monotonic()));
}

/** The same, without going on to a moment at which nothing happens. */
export function* firingUntil(simulation: Simulation, end: number): Moves {
  const { clock } = simulation;
  while (!simulation.isOver) {
    const at = clock.nextAt;
    if (at === undefined || at > end) return;
    clock.stall(Math.max(0, at - clock.monotonic()));
    clock.fireNext(at);
    yield;
  }
}

/** Stops the system and waits until it is down, and what was due at once has been done. */
export function* stopping(simulation: Simulation): Moves {
  const { clock } = simulation;
  if (!simulation.isOver) {
    simulation.shutdown();
    yield;
  }
  yield* firingUntil(simulation, simulation.lastMoment);
  while (!simulation.isLivelock && clock.fireNext(clock.monotonic())) yield;
}

/** Takes all steps at once. Only from a macrotask: see `drainSync`. */
export function driveSync<Result>(simulation: Simulation, moves: Moves<Result>): Result {
  for (;;) {
    const step = moves.next();
    try {
      drainSync();
    } catch (error) {
      noteUncaught(simulation, error);
    }
    if (step.done) return step.value;
  }
}

/** Takes each step in a turn of the event loop of its own. */
export async function driveByTurns<Result>(moves: Moves<Result>): Promise<Result> {
  for (;;) {
    const step = moves.next();
    await drainAsync();
    if (step.done) return step.value;
  }
}

/** Keeps what a simulation does wrong from the process. Returns the end of that. */
export function contain(simulation: Simulation): () => void {
  return guardProcess((error) => {
    // While it is up, the system itself finds out who is to blame.
    if (simulation.report) noteUncaught(simulation, error);
  });
}

function noteUncaught(simulation: Simulation, error: unknown): void {
  const message = error instanceof Error ? error.message : 'something that is not an Error';
  simulation.note({ type: 'uncaught', message });
}
