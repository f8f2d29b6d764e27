import type { FaultKind } from './fault-kind.ts';
import { busFaults } from './faults/bus.ts';
import { callFaults } from './faults/calls.ts';
import { clockFaults } from './faults/clock.ts';
import { dependencyFaults } from './faults/dependency.ts';
import { hookFaults } from './faults/hooks.ts';
import { jobFaults } from './faults/jobs.ts';
import { pipelineFaults } from './faults/pipelines.ts';
import { remoteFaults } from './faults/remote.ts';
import { runFaults } from './faults/run.ts';
import { scheduleFaults } from './faults/schedule.ts';
import { startFaults } from './faults/start.ts';
import { stopFaults } from './faults/stop.ts';
import { storageFaults } from './faults/storage.ts';
import { systemFaults } from './faults/system.ts';
import { taskFaults } from './faults/tasks.ts';

const catalogue = new Map<string, FaultKind>();

/** Adds a kind of fault; batteries and users bring theirs. Replaces one of the same name. */
export function defineFault(kind: FaultKind): void {
  catalogue.set(kind.name, kind);
}

/** @throws RangeError for a name that is not in the catalogue */
export function kindOf(name: string): FaultKind {
  const kind = catalogue.get(name);
  if (kind) return kind;
  throw new RangeError(`There is no fault '${name}'. Known: ${[...catalogue.keys()].join(', ')}.`);
}

export function allFaults(): FaultKind[] {
  return [...catalogue.values()];
}

const shipped = [
  startFaults,
  runFaults,
  callFaults,
  hookFaults,
  stopFaults,
  dependencyFaults,
  systemFaults,
  clockFaults,
  storageFaults,
  scheduleFaults,
  taskFaults,
  remoteFaults,
  busFaults,
  jobFaults,
  pipelineFaults,
];
for (const kind of shipped.flat()) defineFault(kind);
