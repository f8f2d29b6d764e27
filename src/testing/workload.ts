import { type Duration, parseDuration } from '../../actors/rules/duration.ts';
import type { AnySupervisor } from '../define/definition.ts';
import type { System } from '../services/system.ts';
import type { Simulation } from './simulation.ts';
import type { TraceEvent } from './trace.ts';

/** Says what is asked of a tree while it runs. */
export type WorkloadScript = (workload: Workload) => void;

/** Work for a tree, by virtual time. It ends when the system begins to stop. */
export class Workload {
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  get system(): System<AnySupervisor> {
    return this.#simulation.system;
  }

  /** Milliseconds since the boot. */
  get now(): number {
    return this.#simulation.now;
  }

  /** Once, so long after the boot. A failure of what it does is the workload's own affair. */
  at(duration: Duration, work: () => unknown): void {
    this.#simulation.later(toMs(duration) - this.now, () => {
      if (!this.#simulation.isDead) attempt(work);
    });
  }

  /** Again and again, with the number of the round from 0. */
  every(duration: Duration, work: (round: number) => unknown): void {
    const ms = Math.max(1, toMs(duration));
    const next = (round: number) => {
      this.#simulation.later(ms, () => {
        const { phase } = this.system;
        if (phase !== 'booting' && phase !== 'running') return;
        const isUp = phase === 'running' && !this.#simulation.isDead;
        if (isUp) attempt(() => work(round));
        next(isUp ? round + 1 : round);
      });
    };
    next(0);
  }

  /** Calls back on everything that happens from now on; `system.events$` ends when it is killed. */
  listen(listener: (event: TraceEvent) => void): void {
    this.#simulation.listen(listener);
  }

  /** A message to a service, if it is there. */
  send(path: string, message: string, payload?: unknown): void {
    attempt(() => this.system.find(path)?.send(message, payload));
  }
}

function attempt(work: () => unknown): void {
  try {
    Promise.resolve(work()).catch(() => {});
  } catch {
    // A tree that is being failed refuses work.
  }
}

export function toMs(duration: Duration): number {
  const ms = parseDuration(duration);
  if (ms !== undefined) return ms;
  throw new TypeError(`${String(duration)} is not a duration: milliseconds, or text such as '5s'.`);
}
