import type { AnyActor } from 'xstate';
import type { SupervisorEvent } from '../../actors/supervisor.ts';
import type { ItemSpec } from '../define/spec.ts';
import type { ErrorInfo, HealthStatus, LifecycleEvent, WaitingFor } from '../events.ts';
import { release } from './actors.ts';
import type { Mailbox } from './mailbox.ts';

/** What people see of a child. Its meaning is on the docs' semantics page. */
export type Status =
  | 'waiting'
  | 'starting'
  | 'running'
  | 'backoff'
  | 'stopping'
  | 'stopped'
  | 'failed'
  | 'unstopped'
  | 'absent';

/** Whoever supervises a node: a supervisor's incarnation, or the system for the root. */
export interface Superior {
  /** On the system's monotonic clock; Infinity until a stop has begun. */
  readonly deadline: number;
  /** A stop has begun here or above: nothing starts any more. */
  readonly isHalting: boolean;
  tell(event: SupervisorEvent): void;
  /** It goes down with its group, to come back and do its work again. */
  isTakingAlong(id: string): boolean;
  /** A supervisor below begins to go down by its own decision. */
  noticeLeaving(): void;
}

/** What runs for one incarnation of a node. */
export interface Life {
  launch(): void;
  /** Stop was requested; again when its deadline moved. */
  cancel(): void;
  /** It failed or took too long to start. */
  abort(): void;
  /** Nobody waits for it any more; what it reports is ignored. */
  abandon(): void;
  /** Take in no more work; settles when what is in flight is done. Undefined: nothing to drain. */
  drain(): Promise<unknown> | undefined;
}

/** Something below which nothing starts once a stop has begun above. */
export interface Halting {
  halt(): void;
}

/** How somebody finds a service. */
export interface Opinion {
  readonly status: HealthStatus;
  readonly reason: string | undefined;
}

/** The end of the latest incarnation. */
export interface LastEnd {
  readonly reason: string;
  readonly error: ErrorInfo | undefined;
  readonly at: number;
}

/**
 * A place in the tree, for as long as there is a spec for it: it outlives incarnations and, below a
 * restarted supervisor, also the actor that stands for it. What handles point at.
 */
export class TreeNode {
  readonly path: string;
  readonly id: string;
  readonly spec: ItemSpec;
  readonly parent: TreeNode | undefined;
  superior: Superior | undefined;
  /** Runs the service chart; undefined before its supervisor first started. */
  actor: AnyActor | undefined;
  /** Which life of it, from 1; 0 before the first. */
  incarnation: number;
  /** Restarts in the current series. */
  attempt = 0;
  life: Life | undefined;
  /** Supervises the children: a supervisor's own, or those that a service spawned. */
  supervision: Halting | undefined;
  /** What its latest incarnation made ready. */
  value: unknown;
  isGone = false;
  /** Its end has been asked for, or it failed: nothing may start in it or below it any more. */
  isGoingDown = false;
  /** When the limit of its end passes; Infinity while it is not ending. */
  endsBy = Number.POSITIVE_INFINITY;
  children: Map<string, TreeNode> | undefined;
  /** Everything that it needs is ready, as its supervisor was told. */
  needsReady = true;
  waitingFor: readonly WaitingFor[] = [];
  lastEvent: LifecycleEvent | undefined;
  lastEnd: LastEnd | undefined;
  mailbox: Mailbox | undefined;
  /** What its incarnation says of itself, under '', and what its checks say. */
  health: Map<string, Opinion> | undefined;

  constructor(spec: ItemSpec, id: string, parent: TreeNode | undefined, incarnation: number) {
    this.spec = spec;
    this.id = id;
    this.parent = parent;
    this.path = parent ? `${parent.path}/${id}` : id;
    this.incarnation = incarnation;
  }

  get status(): Status {
    if (this.isGone) return 'absent';
    const state = this.actor?.getSnapshot().value as Status | 'ended' | undefined;
    // `ended`: over, and its supervisor is about to decide: there is no incarnation.
    const own = state === undefined || state === 'ended' ? 'stopped' : state;
    return own === 'stopped' && this.#comesBackWithItsSupervisor ? 'waiting' : own;
  }

  /** It is down because its supervisor is or was, which starts by itself, and it with it. */
  get #comesBackWithItsSupervisor(): boolean {
    const { parent, spec } = this;
    if (parent?.spec.kind !== 'supervisor' || !parent.spec.children.includes(spec)) return false;
    if (parent.status === 'starting') {
      const isEmployed =
        this.actor !== undefined && this.superior === (parent.supervision as unknown);
      return !isEmployed;
    }
    return parent.status === 'waiting' || parent.status === 'backoff';
  }

  /** Over by itself, and its supervisor has not decided yet. */
  get isUndecided(): boolean {
    return this.actor?.getSnapshot().value === 'ended';
  }

  get isUp(): boolean {
    const { status } = this;
    return status === 'starting' || status === 'running' || status === 'stopping';
  }

  get isInDynamic(): boolean {
    return this.parent?.spec.kind === 'supervisor' && this.parent.spec.strategy === 'dynamic';
  }

  /** It comes and goes: a dynamic child, or what a service spawned. */
  get isPassing(): boolean {
    return this.isInDynamic || this.parent?.spec.kind === 'service';
  }

  employ(actor: AnyActor, superior: Superior): void {
    this.actor = actor;
    this.superior = superior;
  }

  /** Gives up the actor of an earlier incarnation of its supervisor. */
  dismiss(): void {
    if (this.actor) release(this.actor);
    this.actor = undefined;
  }

  *descendants(): Generator<TreeNode> {
    for (const child of this.children?.values() ?? []) {
      yield child;
      yield* child.descendants();
    }
  }

  /** Its end, or that of something above it, has begun. */
  get isUnderHalt(): boolean {
    for (let node: TreeNode | undefined = this; node; node = node.parent) {
      if (node.isGoingDown || node.superior?.isHalting) return true;
    }
    return false;
  }

  isBelow(other: TreeNode): boolean {
    for (let node: TreeNode | undefined = this.parent; node; node = node.parent) {
      if (node === other) return true;
    }
    return false;
  }
}
