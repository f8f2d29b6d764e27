import { kindOf } from './fault-catalogue.ts';
import type { Fault } from './plan.ts';
import type { SimulatedBody } from './simulated-body.ts';
import type { Simulation } from './simulation.ts';
import type { TraceEvent } from './trace.ts';

interface Armed {
  readonly fault: Fault;
  /** Matching events seen so far, for `when`. */
  seen: number;
  hasStruck: boolean;
}

/** Watches for the triggers of a plan's faults and lets each strike once. */
export class FaultDriver {
  readonly #simulation: Simulation;
  readonly #armed: Armed[];
  /** Faults of bodies whose moment has come, and whose target has no body just now. */
  readonly #waiting = new Map<string, Fault[]>();
  readonly #bodies = new Map<string, SimulatedBody>();

  constructor(simulation: Simulation, faults: readonly Fault[]) {
    this.#simulation = simulation;
    this.#armed = faults.map((fault) => ({ fault, seen: 0, hasStruck: false }));
  }

  /** Time-triggered faults begin to count. */
  arm(): void {
    for (const armed of this.#armed) this.#schedule(armed);
  }

  add(fault: Fault): void {
    const armed = { fault, seen: 0, hasStruck: false };
    this.#armed.push(armed);
    this.#schedule(armed);
  }

  /** A new incarnation is about to begin. */
  meet(body: SimulatedBody): void {
    const { path } = body.node;
    this.#bodies.set(path, body);
    for (const armed of this.#armed) {
      const { trigger } = armed.fault;
      if (!('on' in trigger) || trigger.on !== path) continue;
      if (trigger.incarnation === body.incarnation) this.#strike(armed);
    }
    for (const fault of this.#waiting.get(path) ?? []) this.#bend(fault, body);
    this.#waiting.delete(path);
  }

  look(event: TraceEvent): void {
    for (const armed of this.#armed) {
      const { trigger } = armed.fault;
      if (armed.hasStruck || !('when' in trigger) || trigger.when !== event.type) continue;
      if (trigger.of !== undefined && trigger.of !== event.path) continue;
      armed.seen++;
      if (armed.seen !== (trigger.nth ?? 1)) continue;
      this.#simulation.clock.setTimeout(() => this.#strike(armed), trigger.plus ?? 0);
    }
  }

  #schedule(armed: Armed): void {
    const { trigger } = armed.fault;
    if (!('at' in trigger)) return;
    const { clock, now } = this.#simulation;
    clock.setTimeout(() => this.#strike(armed), Math.max(0, trigger.at - now));
  }

  #strike(armed: Armed): void {
    if (armed.hasStruck) return;
    armed.hasStruck = true;
    const { fault } = armed;
    const kind = kindOf(fault.kind);
    const target = 'on' in fault.trigger ? fault.trigger.on : fault.target;
    if (kind.strikes === 'system') {
      this.#simulation.note({ type: 'fault', fault }, target);
      kind.apply(this.#simulation, fault.params ?? {}, target);
      return;
    }
    if (target === undefined) return;
    const body = this.#bodies.get(target);
    if (body && !body.isOver) this.#bend(fault, body);
    else this.#waiting.set(target, [...(this.#waiting.get(target) ?? []), fault]);
  }

  #bend(fault: Fault, body: SimulatedBody): void {
    const kind = kindOf(fault.kind);
    if (kind.strikes !== 'body') return;
    this.#simulation.note({ type: 'fault', fault }, body.node.path, body.incarnation);
    kind.apply(body, fault.params ?? {});
  }
}
