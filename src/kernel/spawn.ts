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

/** Starts a child below a service; it is supervised, and stopped with its parent's incarnation. */
export async function spawnChild(
  kernel: Kernel,
  owner: Owner,
  definition: unknown,
  options: SpawnOptions,
): Promise<Spawned> {
  let own = nurseries.get(owner);
  if (!own) {
    own = new Nursery(kernel, owner);
    nurseries.set(owner, own);
  }
  return await own.spawn(definition, options);
}

class Nursery implements Household {
  readonly #kernel: Kernel;
  readonly #owner: Owner;
  readonly #supervision: Supervision;
  readonly #allDown: Promise<void>;
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
    this.#supervision.begin();
  }

  async spawn(definition: unknown, options: SpawnOptions): Promise<Spawned> {
    const supervision = this.#supervision;
    const id = options.id ?? this.#idFor(definition);
    const { spec } = await compileSpawned(this.#kernel, this.node, definition, id);
    const path = `${this.node.path}/${id}`;
    await this.#call((call) => ({
      type: 'startChild',
      call,
      member: supervision.prepare(id, withInput(spec, options.input)),
    }));
    return {
      id,
      path,
      stop: () => this.#call((call) => ({ type: 'stopChild', call, id })),
    };
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

  #idFor(definition: unknown): string {
    const name = isDefinition(definition) ? String(definition.name) : 'child';
    const isTaken = this.#kernel.tree.get(`${this.node.path}/${name}`) !== undefined;
    return isTaken ? `${name}-${this.#supervision.freshId()}` : name;
  }

  #call(makeEvent: Parameters<Supervision['call']>[0]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#supervision.call(makeEvent, (refusal) => {
        if (refusal) reject(refusalError(refusal, this.node.path));
        else resolve();
      });
    });
  }
}

function withInput(spec: ItemSpec, input: unknown): ItemSpec {
  return input === undefined || spec.kind === 'supervisor' ? spec : { ...spec, input };
}
