import { type Backstage, backstage } from '../../kernel/backstage.ts';
import type { TreeNode } from '../../kernel/node.ts';
import { scopeOf } from '../../kernel/scope.ts';
import type { Undo } from './admission.ts';
import { type Flow, flowAt } from './flow.ts';
import type { Enclosed, Item } from './item.ts';

/**
 * How one incarnation of a producer puts items in, and waits until they are through. When it is asked
 * to stop, what it waits for may take half of its time; when it fails, nothing is waited for.
 */
export class Intake {
  readonly #backstage: Backstage;
  readonly #flow: Flow;
  readonly #name: string;
  /** What is waited for, while it may be. */
  readonly #waits = new Set<() => void>();
  #isCut = false;
  #isStopping = false;
  #timer: unknown;

  constructor(stage: Backstage) {
    this.#backstage = stage;
    this.#flow = flowAt(stage.kernel, stage.path);
    this.#name = stage.node.id;
    stage.onCancel(() => {
      // A stop hook, where there is one, comes on the same stack.
      void Promise.resolve().then(() => {
        if (!this.#isStopping) this.#cut();
      });
    });
    stage.onAbandon(() => this.#cut());
    stage.defer(() => {
      if (this.#timer !== undefined) stage.clock.clearTimeout(this.#timer);
    });
  }

  get backstage(): Backstage {
    return this.#backstage;
  }

  get flow(): Flow {
    return this.#flow;
  }

  /** Nothing is waited for any more. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** It was asked to stop. */
  stop(): void {
    const { node, clock } = this.#backstage;
    if (this.#isStopping) return;
    this.#isStopping = true;
    const halfMs = Math.max(0, (node.endsBy - clock.monotonic()) / 2);
    if (Number.isFinite(halfMs)) this.#timer = clock.setTimeout(() => this.#cut(), halfMs);
  }

  /** Resolves when there is room for one more; false: it is to end. */
  async room(): Promise<boolean> {
    if (this.#backstage.isCancelled) return false;
    let uncancel: Undo = () => {};
    const cancelled = await new Promise<boolean>((resolve) => {
      const undo = this.#flow.admission.look(() => resolve(false));
      uncancel = this.#backstage.onCancel(() => {
        undo();
        resolve(true);
      });
    });
    uncancel();
    return !cancelled;
  }

  /** Resolves when a place was taken; false: nothing is waited for any more. */
  take(): Promise<boolean> {
    return this.#wait((done) => this.#flow.admission.take(done));
  }

  /** For a place that was taken. */
  put(payload: unknown, enclosed?: Enclosed): Item {
    return this.#flow.put(this.#name, payload, enclosed);
  }

  /** Resolves when everything of this producer is through; false: that is not waited for any more. */
  through(): Promise<boolean> {
    return this.#wait((done) => this.#flow.whenThrough(this.#name, done));
  }

  #wait(begin: (done: () => void) => Undo): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#isCut) return resolve(false);
      let undo: Undo = () => {};
      const cut = () => {
        undo();
        resolve(false);
      };
      this.#waits.add(cut);
      undo = begin(() => {
        this.#waits.delete(cut);
        resolve(true);
      });
    });
  }

  #cut(): void {
    this.#isCut = true;
    for (const cut of [...this.#waits]) cut();
    this.#waits.clear();
  }
}

const intakes = new WeakMap<TreeNode, Intake>();

/** The intake of the producer that a context is of. */
export function intakeOf(context: unknown): Intake {
  const stage = backstage(context);
  const known = intakes.get(stage.node);
  if (known?.backstage === stage) return known;
  const intake = new Intake(stage);
  intakes.set(stage.node, intake);
  return intake;
}

/** The same for a context that is narrower than that of its incarnation: of one run of a schedule. */
export function intakeAround(context: object): Intake {
  const { kernel, path } = scopeOf(context);
  const intake = intakes.get(kernel.tree.get(path) as TreeNode);
  if (!intake) throw new TypeError(`${path} is no producer of a pipeline.`);
  return intake;
}
