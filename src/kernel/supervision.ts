import type { AnyActor, AnyActorRef } from 'xstate';
import type { Charge, Crew, OwnEnd, Refusal, Spent } from '../../actors/rules/crew.ts';
import type { ServiceEvent } from '../../actors/rules/hands.ts';
import type { MemberPolicy, StopPurpose } from '../../actors/rules/roster.ts';
import type { SupervisorEvent } from '../../actors/supervisor.ts';
import type { ItemSpec, SupervisorSpec } from '../define/spec.ts';
import { hireChart, relay, release } from './actors.ts';
import { supervisorChart } from './charts.ts';
import { employ } from './employ.ts';
import type { Kernel } from './kernel.ts';
import { memberPolicy, neverBegan, supervisorPolicy } from './member-policy.ts';
import type { Superior, TreeNode } from './node.ts';
import { OpenCalls, type Settle } from './open-calls.ts';
import { stopCommand } from './stop-command.ts';
import { announceItems, announceWaiting } from './waiting.ts';

/** Whoever has a supervisor run for it: a supervisor's node, or a service that spawned children. */
export interface Household {
  readonly node: TreeNode;
  ready(): void;
  leaving(end: OwnEnd): void;
  ended(): void;
}

/**
 * One incarnation of a supervisor: carries out what its chart decides, and keeps the actors of its
 * members. Everything goes through the dispatcher, so that the chart's new state is visible first.
 */
export class Supervision implements Crew, Superior {
  readonly #kernel: Kernel;
  readonly #household: Household;
  readonly #spec: SupervisorSpec;
  readonly #specs = new Map<string, ItemSpec>();
  readonly #nodes = new Map<string, TreeNode>();
  readonly #calls = new OpenCalls();
  readonly #actor: AnyActor;
  #nextId = 1;
  #hasEnded = false;
  isHalting = false;
  #deadline = Number.POSITIVE_INFINITY;

  constructor(kernel: Kernel, household: Household, parent: AnyActorRef, spec: SupervisorSpec) {
    this.#kernel = kernel;
    this.#household = household;
    this.#spec = spec;
    for (const left of [...(this.#node.children?.values() ?? [])]) {
      if (!spec.children.includes(left.spec)) this.#drop(left);
    }
    for (const child of spec.children) this.#specs.set(child.name, child);
    for (const child of spec.children) this.#settle(child.name).dismiss();
    this.#actor = hireChart(supervisorChart, {
      id: `${this.#node.id}.supervisor`,
      parent,
      input: {
        policy: supervisorPolicy(spec),
        members: spec.children.map((c) => this.#enrol(c.name)),
        crew: this,
      },
      onEnd: () => this.#finish(),
    });
    for (const child of spec.children) this.#employ(child.name);
  }

  get #node(): TreeNode {
    return this.#household.node;
  }

  /** Its own, or that of whatever above it is to be down earlier. */
  get deadline(): number {
    return Math.min(this.#deadline, this.#node.superior?.deadline ?? Number.POSITIVE_INFINITY);
  }

  begin(): void {
    this.#actor.start();
    const isSequential = this.#spec.order === 'sequential';
    this.#post(() => announceItems(this.#kernel, this.#nodes.values(), isSequential));
  }

  /**
   * @param makeEvent for a number, under which the chart answers
   * @param settle called once, with why it was refused
   * @param added what the call wants to add
   */
  call(makeEvent: (call: number) => SupervisorEvent, settle: Settle, added?: ItemSpec): void {
    if (this.#hasEnded || this.isHalting || this.#node.isUnderHalt) {
      return settle({ code: 'NotRunning' });
    }
    this.tell(makeEvent(this.#calls.open(settle, added)));
  }

  /** Adds a child; settles when it is ready, was not needed, or could not start. */
  add(id: string, spec: ItemSpec, settle: Settle): void {
    const member = memberPolicy(id, spec, false);
    this.call((call) => ({ type: 'startChild', call, member }), settle, spec);
  }

  /** An id for a dynamic child that was given none. */
  freshId(): string {
    while (this.#specs.has(String(this.#nextId))) this.#nextId++;
    return String(this.#nextId++);
  }

  tell(event: SupervisorEvent): void {
    this.#kernel.dispatcher.post(() => relay(undefined, this.#actor, event));
  }

  isTakingAlong(id: string): boolean {
    return this.#actor.getSnapshot().context.roster.group.has(id);
  }

  /** Takes the whole subtree down; again when the deadline above moved. */
  stopAll(): void {
    this.#deadline = Math.min(this.#deadline, this.#node.endsBy);
    this.tell({ type: 'stop' });
  }

  /** Lets go of the whole subtree: what is up is fenced off, what waits to start is called off. */
  abandonAll(how: 'abandon' | 'kill'): void {
    this.isHalting = true;
    for (const node of [...this.#nodes.values()]) {
      const isService = node.spec.kind === 'service';
      const type = !node.isUp ? 'rest' : isService ? how : 'kill';
      this.#command(node, { type, at: this.#kernel.clock.monotonic() });
      if (!this.#spec.children.includes(node.spec)) this.#drop(node);
    }
    release(this.#actor);
    this.#finish();
  }

  /** A stop has begun above: reaches the chart at once, before anything is asked to stop. */
  halt(): void {
    this.isHalting = true;
    relay(undefined, this.#actor, { type: 'freeze' });
  }

  /** Its parent hears of it when it is down. */
  noticeLeaving(): void {}

  freeze(): void {
    const now = this.#kernel.clock.monotonic();
    this.#deadline = Math.min(this.#deadline, now + this.#spec.stopWithinMs);
    if (this.isHalting) return; // What a supervisor above has frozen is still.
    this.isHalting = true;
    for (const node of this.#node.descendants()) node.supervision?.halt();
  }

  stop(id: string, _purpose: StopPurpose): void {
    this.#postFor(id, (node) => {
      if (!node.isUp) return;
      this.#kernel.dependencies.stopAfterDependants(node, () => this.#ask(node));
    });
  }

  recall(id: string): boolean {
    return this.#kernel.dependencies.recall(this.#member(id));
  }

  #ask(node: TreeNode): void {
    this.#command(node, stopCommand(node, this.deadline, this.#kernel.clock.monotonic()));
  }

  admit(id: string, call: number): void {
    const spec = this.#calls.specOf(call) as ItemSpec;
    this.#post(() => {
      this.#specs.set(id, spec);
      this.#settle(id);
      this.#employ(id);
      const { needsReady } = this.#enrol(id);
      if (needsReady) this.tell({ type: 'needsReady', id });
    });
  }

  start(id: string, attempt: number): void {
    this.#postFor(id, (node) => {
      // A stop that began while this was on its way comes first: its own, or that of a need.
      const isOvertaken = this.#kernel.dependencies.holdsBack(node);
      if (isOvertaken || this.isHalting || this.#node.isUnderHalt) {
        const at = this.#kernel.clock.monotonic();
        return this.tell({ type: 'memberDown', id, outcome: neverBegan, at });
      }
      this.#kernel.dependencies.begins(node);
      node.isGoingDown = false;
      node.endsBy = Number.POSITIVE_INFINITY;
      node.attempt = attempt;
      node.incarnation++;
      node.health = undefined;
      this.#command(node, { type: 'start', attempt, at: this.#kernel.clock.monotonic() });
    });
  }

  hold(id: string, suspended: boolean): void {
    this.#postFor(id, (node) => {
      this.#kernel.dependencies.begins(node);
      node.waitingFor = this.#kernel.dependencies.unmet(node);
      this.#command(node, { type: 'hold', suspended });
      if (!suspended && node.waitingFor.length > 0) announceWaiting(this.#kernel, node);
    });
  }

  rest(id: string): void {
    this.#postFor(id, (node) => {
      this.#command(node, { type: 'rest' });
      // Who can do without it waits for it no longer.
      this.#kernel.dependencies.changed(node);
    });
  }

  backOff(id: string, charge: Charge): void {
    this.#postFor(id, (node) => {
      this.#kernel.dependencies.begins(node);
      this.#command(node, { type: 'backOff', charge });
    });
  }

  giveUp(id: string, spent: Spent): void {
    this.#postFor(id, (node) => {
      this.#command(node, { type: 'giveUp', spent });
      this.#kernel.dependencies.changed(node);
    });
  }

  drop(id: string): void {
    this.#postFor(id, (node) => this.#drop(node));
  }

  reply(call: number, refusal?: Refusal): void {
    const settle = this.#calls.close(call);
    this.#post(() => settle?.(refusal));
  }

  ready(): void {
    this.#post(() => this.#household.ready());
  }

  leaving(end: OwnEnd): void {
    this.#post(() => this.#household.leaving(end));
  }

  random(): number {
    return this.#kernel.random();
  }

  #finish(): void {
    this.#hasEnded = true;
    this.#post(() => {
      this.#calls.refuseAll({ code: 'Stopped' });
      this.#household.ended();
    });
  }

  #settle(id: string): TreeNode {
    const node = this.#kernel.tree.settle(this.#specs.get(id) as ItemSpec, id, this.#node);
    this.#nodes.set(id, node);
    return node;
  }

  #drop(node: TreeNode): void {
    this.#specs.delete(node.id);
    this.#nodes.delete(node.id);
    this.#kernel.dependencies.withdraw(node);
    this.#kernel.tree.remove(node);
    node.dismiss();
    this.#kernel.journal.record(node, { type: 'dropped' });
    this.#kernel.board.changed(node.path);
    this.#kernel.dependencies.changed(node);
  }

  #enrol(id: string): MemberPolicy {
    const node = this.#member(id);
    return memberPolicy(id, node.spec, this.#kernel.dependencies.enrol(node));
  }

  #employ(id: string): void {
    employ(this.#kernel, this.#member(id), this, this.#actor);
  }

  #member(id: string): TreeNode {
    return this.#nodes.get(id) as TreeNode;
  }

  #command(node: TreeNode, event: ServiceEvent): void {
    if (node.actor) relay(this.#actor, node.actor, event);
  }

  /** About the member that has this id when its turn comes. */
  #postFor(id: string, message: (node: TreeNode) => void): void {
    this.#post(() => {
      const node = this.#nodes.get(id);
      if (node) message(node);
    });
  }

  #post(message: () => void): void {
    this.#kernel.dispatcher.post(message);
  }
}
