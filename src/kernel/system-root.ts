import type { AnyActor } from 'xstate';
import { formatDuration } from '../../actors/rules/duration.ts';
import type { ServiceEvent } from '../../actors/rules/hands.ts';
import type { Outcome } from '../../actors/rules/restart.ts';
import type { SupervisorEvent } from '../../actors/supervisor.ts';
import type { Helm, SystemEvent } from '../../actors/system.ts';
import type { SupervisorSpec } from '../define/spec.ts';
import { DarumaError } from '../errors.ts';
import { errorInfo, type SystemPhase } from '../events.ts';
import { createRoot, type InspectionObserver, relay } from './actors.ts';
import { drainAll } from './drain.ts';
import { employ } from './employ.ts';
import { closeFacilities } from './facilities.ts';
import type { Kernel } from './kernel.ts';
import type { Status, Superior, TreeNode } from './node.ts';

/** Kept back from the grace period for flushing logs and leaving, in milliseconds. */
export const exitReserveMs = 1_000;

const comingUp: readonly Status[] = ['starting', 'waiting', 'backoff'];

export interface Limits {
  /** What a whole stop may take; Infinity: as long as it takes. */
  readonly graceMs: number;
  readonly bootWithinMs: number;
}

/** Why the tree is down. */
export interface RootEnd {
  readonly outcome: Outcome | undefined;
  readonly bootError: unknown;
  /** Paths that were still up when a second signal came; empty unless forced. */
  readonly cutOff: readonly string[];
  readonly isForced: boolean;
}

/** Stands above the root of the tree: carries out what the system chart decides. */
export class SystemRoot implements Superior, Helm {
  readonly #kernel: Kernel;
  readonly #limits: Limits;
  readonly actor: AnyActor;
  readonly node: TreeNode;
  onReady: () => void = () => {};
  #outcome: Outcome | undefined;
  #bootError: unknown;
  #cutOff: readonly string[] | undefined;
  #end: RootEnd | undefined;
  isHalting = false;
  deadline = Number.POSITIVE_INFINITY;

  constructor(
    kernel: Kernel,
    spec: SupervisorSpec,
    limits: Limits,
    inspect: InspectionObserver | undefined,
  ) {
    this.#kernel = kernel;
    this.#limits = limits;
    this.node = kernel.tree.settle(spec, spec.name, undefined);
    const { clock, dispatcher } = kernel;
    this.actor = createRoot({
      id: 'daruma',
      input: { helm: this, bootWithinMs: limits.bootWithinMs },
      clock,
      dispatcher,
      inspect,
    });
    this.actor.subscribe({ next: () => this.#notePhase(), error: () => {} });
  }

  #phase: SystemPhase | undefined;
  #callOffDrain: (() => void) | undefined;

  get phase(): SystemPhase | undefined {
    return this.#phase;
  }

  get end(): RootEnd | undefined {
    return this.#end;
  }

  begin(): void {
    this.#post(() => this.actor.start());
  }

  /** It was stopped before it was started, or its configuration is not valid. */
  neverStart(error?: unknown): void {
    this.#bootError = error;
    this.#phase = 'stopped';
    this.#post(() => {
      this.#kernel.journal.record(this.node, { type: 'phase', phase: 'stopped' });
      this.#finish();
    });
  }

  send(event: SystemEvent): void {
    this.#kernel.dispatcher.post(() => relay(undefined, this.actor, event));
  }

  // What the system chart decides.

  start(): void {
    this.#post(() => {
      employ(this.#kernel, this.node, this, this.actor);
      this.node.incarnation++;
      const at = this.#kernel.clock.monotonic();
      this.#tellRoot({ type: 'start', attempt: 0, at });
    });
  }

  drain(): void {
    this.#beginHalt();
    this.#post(() => {
      // Half of the time at most: those who drain must not leave nothing for the stop.
      const now = this.#kernel.clock.monotonic();
      const until = now + (this.deadline - now) / 2;
      this.#callOffDrain = drainAll(this.#kernel, until, () => this.send({ type: 'drained' }));
    });
  }

  stop(): void {
    this.#beginHalt();
    this.isHalting = true;
    // Before the root itself hears of it: listeners of the phase may call already.
    this.node.isGoingDown = true;
    this.#post(() =>
      this.#tellRoot({
        type: 'stop',
        limitMs: Number.POSITIVE_INFINITY,
        at: this.#kernel.clock.monotonic(),
      }),
    );
  }

  bootTimeout(): void {
    const limitMs = this.#limits.bootWithinMs;
    const paths = [...this.#kernel.tree.all()]
      .filter(({ spec, status }) => spec.kind === 'service' && comingUp.includes(status))
      .map(({ path }) => path);
    this.#bootError = new DarumaError(
      'DARUMA_BOOT_TIMEOUT',
      `The tree was not ready within ${formatDuration(limitMs)}; these were not: ${paths.join(', ')}.`,
      { path: this.node.path, paths, hint: "Raise 'bootWithin' if they are just slow." },
    );
    this.#post(() =>
      this.#kernel.journal.record(this.node, { type: 'boot-timeout', limitMs, paths }),
    );
  }

  cutOff(): void {
    this.#cutOff = [...this.#kernel.tree.all()]
      .filter((node) => node.isUp && node.spec.kind === 'service')
      .map(({ path }) => path);
    this.#kernel.journal.record(this.node, { type: 'cut-off', paths: this.#cutOff });
    // At once: nothing may start or go on while the news of it spreads.
    this.isHalting = true;
    const at = this.#kernel.clock.monotonic();
    this.#tellRoot({ type: this.node.isUp ? 'kill' : 'rest', at });
  }

  // What the root's chart tells its superior.

  tell(event: SupervisorEvent): void {
    if (event.type === 'memberReady') this.send({ type: 'rootReady' });
    if (event.type !== 'memberDown') return;
    this.#outcome = event.outcome;
    this.#tellRoot({ type: 'rest' });
    this.send({ type: 'rootDown' });
  }

  /** The root has no group. */
  isTakingAlong(): boolean {
    return false;
  }

  noticeLeaving(): void {
    this.send({ type: 'rootLeaving' });
    // Its own decision, but within the grace period all the same.
    this.stop();
  }

  #beginHalt(): void {
    if (this.deadline !== Number.POSITIVE_INFINITY) return;
    const graceMs = Math.max(0, this.#limits.graceMs - exitReserveMs);
    this.deadline = this.#kernel.clock.monotonic() + graceMs;
  }

  #tellRoot(event: ServiceEvent): void {
    if (this.node.actor) relay(this.actor, this.node.actor, event);
  }

  #notePhase(): void {
    const phase = this.actor.getSnapshot().value as SystemPhase;
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#kernel.journal.record(this.node, { type: 'phase', phase });
    this.#post(() => {
      if (phase === 'running') this.onReady();
      if (phase === 'stopped') this.#finish();
    });
  }

  #finish(): void {
    // The tree may have come down before all had drained.
    this.#callOffDrain?.();
    this.#end = {
      outcome: this.#outcome,
      bootError: this.#bootError,
      cutOff: this.#cutOff ?? [],
      isForced: this.#cutOff !== undefined,
    };
    for (const node of this.#kernel.tree.all()) node.mailbox?.discard();
    this.#kernel.board.changed(this.node.path);
    const closed = closeFacilities(
      this.#kernel.facilities,
      this.#kernel.clock,
      exitReserveMs,
      (error) => {
        this.#kernel.journal.record(this.node, { type: 'stop-error', error: errorInfo(error) });
      },
    );
    if (closed) void closed.then(() => this.#kernel.journal.close());
    else this.#kernel.journal.close();
  }

  #post(message: () => void): void {
    this.#kernel.dispatcher.post(message);
  }
}
