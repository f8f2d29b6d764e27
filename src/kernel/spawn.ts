import type { AnyActorRef } from 'xstate';
import type { OwnEnd } from '../../actors/rules/crew.ts';
import type { Spawned, SpawnOptions } from '../define/context.ts';
import { defaultBackoff } from '../define/defaults.ts';
import { isDefinition } from '../define/definition.ts';
import type { ItemSpec, SupervisorSpec } from '../define/spec.ts';
import { compileSpawned } from './added.ts';
import { refusalError } from './calls.ts';
import { restartLimitError } from './failures.ts';
import type { Kernel } from './kernel.ts';
import type { Owner } from './live-context.ts';
import type { TreeNode } from './node.ts';
import type { Settle } from './open-calls.ts';
import { type Household, Supervision } from './supervision.ts';

/** The supervisor of what one incarnation of a service spawned: dynamic, with every default. */
const nursery: SupervisorSpec = Object.freeze({
  kind: 'supervisor',
  name: 'spawned',
  restart: 'temporary',
  significant: false,
  strategy: 'dynamic',
  order: 'parallel',
  intensity: undefined,
  periodMs: 60_000,
  whenExhausted: 'escalate',
  autoShutdown: 'never',
  stopWithinMs: Number.POSITIVE_INFINITY,
  backoff: defaultBackoff,
  config: undefined,
  children: [],
  template: undefined,
  maxChildren: Number.POSITIVE_INFINITY,
});

const nurseries = new WeakMap<Owner, Nursery>();

/** A child on its way up; it may be stopped before it is ready. */
export interface Beginning extends Spawned {
  /** Resolves when it is ready; rejects when it will not be. */
  readonly ready: Promise<void>;
}

/** Starts a child below a service; it is supervised, and stopped with its parent's incarnation. */
export async function spawnChild(
  kernel: Kernel,
  owner: Owner,
  definition: unknown,
  options: SpawnOptions,
): Promise<Spawned> {
  const { ready, ...spawned } = beginChild(kernel, owner, definition, options);
  await ready;
  return spawned;
}

/** The same, without waiting until it is ready. */
export function beginChild(
  kernel: Kernel,
  owner: Owner,
  definition: unknown,
  options: SpawnOptions,
): Beginning {
  let own = nurseries.get(owner);
  if (!own) {
    own = new Nursery(kernel, owner);
    nurseries.set(owner, own);
  }
  return own.begin(definition, options);
}

class Nursery implements Household {
  readonly #kernel: Kernel;
  readonly #owner: Owner;
  readonly #supervision: Supervision;
  readonly #allDown: Promise<void>;
  /** Ids of children on their way into the tree. */
  readonly #reserved = new Set<string>();
  #tellDown: () => void = () => {};
  readonly node: TreeNode;

  constructor(kernel: Kernel, owner: Owner) {
    this.#kernel = kernel;
    this.#owner = owner;
    this.node = owner.node;
    this.#allDown = new Promise((resolve) => {
      this.#tellDown = resolve;
    });
    this.#supervision = new Supervision(kernel, this, owner.node.actor as AnyActorRef, nursery);
    owner.node.supervision = this.#supervision;
    owner.cleanup.stopChildren = () => {
      this.#supervision.stopAll();
      return this.#allDown;
    };
    owner.cleanup.abandonChildren = () => this.#supervision.abandonAll('abandon');
    this.#supervision.begin();
  }

  begin(definition: unknown, options: SpawnOptions): Beginning {
    const id = this.#reserve(options.id ?? this.#freeId(definition));
    const path = `${this.node.path}/${id}`;
    let child: TreeNode | undefined;
    let isCalledOff = false;
    const start = async () => {
      try {
        const { config, input } = options;
        const { spec } = await compileSpawned(this.#kernel, this.node, definition, id, config);
        if (isCalledOff) throw refusalError({ code: 'Stopped', id }, this.node.path);
        await this.#settled((settle) => {
          this.#supervision.add(id, withInput(spec, input), (refusal) => {
            // What has this id is another child.
            if (refusal?.code === 'AlreadyStarted') child = undefined;
            settle(refusal);
          });
          child = this.#kernel.tree.get(path);
        });
      } finally {
        this.#reserved.delete(id);
      }
    };
    const stop = async () => {
      isCalledOff = true;
      await this.#stop(child);
    };
    return { id, path, ready: start(), stop };
  }

  ready(): void {}

  /** Its children failed more often than they may: that is a failure of the one who has them. */
  leaving(end: OwnEnd): void {
    const culprit = `${this.node.path}/${end.culprit}`;
    this.#owner.fail(restartLimitError(this.node, culprit, end, nursery.periodMs));
  }

  ended(): void {
    this.node.supervision = undefined;
    this.#tellDown();
  }

  /** Resolves when this very child is down, whoever took it down. */
  async #stop(child: TreeNode | undefined): Promise<void> {
    if (!child || child.isGone) return;
    const isGone = whenGone(this.#kernel, child);
    const { id } = child;
    // Refused when it is going already: then it is only waited for.
    this.#supervision.call(
      (call) => ({ type: 'stopChild', call, id }),
      () => {},
    );
    await isGone;
  }

  #freeId(definition: unknown): string {
    const name = isDefinition(definition) ? String(definition.name) : 'child';
    const isFree = (id: string) =>
      !this.#reserved.has(id) && !this.#kernel.tree.get(`${this.node.path}/${id}`);
    let id = name;
    for (let number = 1; !isFree(id); number++) id = `${name}-${number}`;
    return id;
  }

  #reserve(id: string): string {
    this.#reserved.add(id);
    return id;
  }

  #settled(begin: (settle: Settle) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      begin((refusal) => {
        if (refusal) reject(refusalError(refusal, this.node.path));
        else resolve();
      });
    });
  }
}

function whenGone(kernel: Kernel, node: TreeNode): Promise<void> {
  return new Promise((resolve) => {
    const undo = kernel.board.watch(node.path, () => {
      if (!node.isGone) return;
      undo();
      resolve();
    });
  });
}

function withInput(spec: ItemSpec, input: unknown): ItemSpec {
  return input === undefined || spec.kind === 'supervisor' ? spec : { ...spec, input };
}
