import { kindOf } from './fault-catalogue.ts';
import type { FaultKind } from './fault-kind.ts';
import type { Fault, FaultPlan } from './plan.ts';
import type { SimulatedBody } from './simulated-body.ts';
import type { Simulation } from './simulation.ts';
import type { TraceEvent } from './trace.ts';

interface Armed {
  readonly fault: Fault;
  readonly kind: FaultKind;
  /** Matching events seen so far, for `when`. */
  seen: number;
  hasStruck: boolean;
}

/** Watches for the triggers of a plan's faults and lets each strike once. */
export class FaultDriver {
  readonly #simulation: Simulation;
  readonly #healAt: number;
  readonly #timed: Armed[] = [];
  /** By path and incarnation. */
  readonly #onIncarnation = new Map<string, Armed[]>();
  readonly #onEvent = new Map<string, Armed[]>();
  /** Faults of bodies whose moment has come, and whose target has no body that they could bend. */
  readonly #waiting = new Map<string, Armed[]>();
  readonly #bends = new Map<string, ((body: SimulatedBody) => void)[]>();
  readonly #bodies = new Map<string, SimulatedBody>();

  constructor(simulation: Simulation, plan: FaultPlan) {
    this.#simulation = simulation;
    this.#healAt = plan.healMs ? plan.horizonMs - plan.healMs : Number.POSITIVE_INFINITY;
    for (const fault of plan.faults) this.#sort(fault);
  }

  /** Time-triggered faults begin to count. */
  arm(): void {
    for (const armed of this.#timed.splice(0)) this.#schedule(armed);
  }

  add(fault: Fault): void {
    this.#sort(fault);
    this.arm();
  }

  /** A new incarnation is about to begin. */
  meet(body: SimulatedBody): void {
    const { path } = body.node;
    this.#bodies.set(path, body);
    for (const armed of this.#onIncarnation.get(`${path}#${body.incarnation}`) ?? []) {
      this.#strike(armed);
    }
    for (const armed of this.#waiting.get(path) ?? []) this.#bend(armed, body);
    this.#waiting.delete(path);
    if (!this.#isHealing) for (const bend of this.#bends.get(path) ?? []) bend(body);
  }

  look(event: TraceEvent): void {
    for (const armed of this.#onEvent.get(event.type) ?? []) {
      const { trigger } = armed.fault;
      if (armed.hasStruck || !('when' in trigger)) continue;
      if (trigger.of !== undefined && trigger.of !== event.path) continue;
      armed.seen++;
      if (armed.seen !== (trigger.nth ?? 1)) continue;
      this.#simulation.later(trigger.plus ?? 0, () => this.#strike(armed));
    }
  }

  bodyAt(path: string): SimulatedBody | undefined {
    const body = this.#bodies.get(path);
    return body?.isOver ? undefined : body;
  }

  /** The process that they ran in is gone. */
  forgetBodies(): void {
    this.#bodies.clear();
  }

  bendEvery(path: string, bend: (body: SimulatedBody) => void): void {
    this.#bends.set(path, [...(this.#bends.get(path) ?? []), bend]);
  }

  get #isHealing(): boolean {
    return this.#simulation.now >= this.#healAt;
  }

  #sort(fault: Fault): void {
    const { trigger } = fault;
    const armed = { fault, kind: kindOf(fault.kind), seen: 0, hasStruck: false };
    if ('at' in trigger) this.#timed.push(armed);
    else if ('when' in trigger) addTo(this.#onEvent, trigger.when, armed);
    else addTo(this.#onIncarnation, `${trigger.on}#${trigger.incarnation}`, armed);
  }

  #schedule(armed: Armed): void {
    const { trigger } = armed.fault;
    if (!('at' in trigger)) return;
    const ms = Math.max(0, trigger.at - this.#simulation.now);
    this.#simulation.later(ms, () => this.#strike(armed));
  }

  #strike(armed: Armed): void {
    if (armed.hasStruck || this.#simulation.isOver || this.#isHealing) return;
    armed.hasStruck = true;
    const { fault, kind } = armed;
    const target = fault.target ?? ('on' in fault.trigger ? fault.trigger.on : undefined);
    if (kind.strikes === 'system') {
      this.#simulation.note({ type: 'fault', fault }, target);
      kind.apply(this.#simulation, fault.params ?? {}, target);
      return;
    }
    if (target === undefined) return;
    const body = this.bodyAt(target);
    if (body && !(kind.isForStart && body.hasBegun)) this.#bend(armed, body);
    else addTo(this.#waiting, target, armed);
  }

  #bend({ fault, kind }: Armed, body: SimulatedBody): void {
    if (kind.strikes !== 'body' || this.#isHealing) return;
    this.#simulation.note({ type: 'fault', fault }, body.node.path, body.incarnation);
    kind.apply(body, fault.params ?? {});
  }
}

function addTo<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
