import { errorInfo, type Happening } from '../../events.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { TreeNode } from '../../kernel/node.ts';
import { tracerOf } from '../../services/tracing/traced.ts';
import { Admission } from './admission.ts';
import { matchesOf, type PipelineDesign, routeOf } from './design.ts';
import { DropReport } from './drop-report.ts';
import { type Enclosed, Item, type ItemStatus } from './item.ts';
import { type Entry, Line, type LineOverflow } from './line.ts';
import type { Meter } from './meter.ts';

/** How many results may wait for a consumer, and what becomes of those beyond. */
export interface Buffer {
  readonly limit: number;
  readonly overflow: LineOverflow;
}

/** What a pipeline is, besides its parts. */
export interface FlowInput {
  readonly design: PipelineDesign;
  readonly maxInFlight: number;
  /** Of each consumer, in their order. */
  readonly buffers: readonly Buffer[];
}

/**
 * What flows through one life of a pipeline, from its producers through its handlers to its
 * consumers. Its parts come and go; what waits for them is here.
 *
 * 1. At most `maxInFlight` items are on their way.
 * 2. Every item comes to exactly one end, at the latest with the pipeline.
 * 3. An item is over when every handler that it is for is done with it, and every consumer with every
 *    result.
 * 4. Each consumer is offered all results, in the order in which they came about.
 */
export class Flow {
  readonly admission: Admission;
  readonly handlers: readonly Line[];
  readonly consumers: readonly Line[];
  readonly design: PipelineDesign;
  readonly #kernel: Kernel;
  readonly #node: TreeNode;
  #router: Backstage;
  readonly #meter: Meter;
  readonly #drops: readonly DropReport[];
  readonly #prefix: string;
  readonly #live = new Set<Item>();
  readonly #counts = new Map<string, number>();
  #waits: { readonly producer: string; readonly done: () => void }[] = [];
  #admitted = 0;
  #shutDownHook: () => unknown = () => {};
  #shutDown: Promise<void> | undefined;
  #isOver = false;

  /** @param node the place of the pipeline; @param router whose incarnation speaks for it */
  constructor(node: TreeNode, router: Backstage, meter: Meter, input: FlowInput) {
    const { design, maxInFlight, buffers } = input;
    this.#node = node;
    this.#router = router;
    this.#kernel = router.kernel;
    this.#meter = meter;
    this.design = design;
    this.admission = new Admission(maxInFlight);
    this.handlers = design.handlers.map(
      () => new Line(Number.POSITIVE_INFINITY, 'wait', (entry) => this.#settle(entry.item)),
    );
    this.#drops = design.consumers.map(
      (name) => new DropReport(this.#kernel, () => this.#placeOf(`consumers/${name}`)),
    );
    this.consumers = buffers.map(
      ({ limit, overflow }, index) =>
        new Line(limit, overflow, (entry) => this.#dropped(entry, this.#drops[index])),
    );
    // Other lives of the pipeline, and of the process, have others.
    this.#prefix = this.#kernel.clock.now().toString(36);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The router has another incarnation. */
  speakThrough(router: Backstage): void {
    this.#router = router;
  }

  /** What the user wants to be done before anything is stopped. */
  onShutDown(hook: () => unknown): void {
    this.#shutDownHook = hook;
  }

  get hasShutDown(): boolean {
    return this.#shutDown !== undefined;
  }

  /** Has that done, once; whoever asks again waits for the same. */
  shutDown(): Promise<void> {
    const hook = this.#shutDownHook;
    this.#shutDown ??= (async () => void (await hook()))();
    return this.#shutDown;
  }

  get inFlight(): number {
    return this.#live.size;
  }

  /** Takes an item in, for which a place was taken. */
  put(producer: string, payload: unknown, { job, onOver }: Enclosed = {}): Item {
    const { clock } = this.#kernel;
    let route: string | undefined;
    let matches: readonly number[] = [];
    let failure: { readonly error: unknown } | undefined;
    try {
      [route, matches] = this.#router.attribute(() => {
        const id = routeOf(this.design, payload, producer);
        return [id, matchesOf(this.design, payload, id)] as const;
      });
    } catch (error) {
      failure = { error };
    }
    const id = `${this.#prefix}-${++this.#admitted}`;
    const times = { at: clock.now(), since: clock.monotonic() };
    const origin = tracerOf(this.#kernel)?.here;
    const info = { id, producer, route, payload, job, origin, ...times };
    const item = new Item(info, onOver);
    this.#live.add(item);
    this.#counts.set(producer, (this.#counts.get(producer) ?? 0) + 1);
    this.#meter.inFlight(this.#live.size);
    // Held until all have it: whoever is first must not be the last.
    item.pending = 1;
    if (this.#isOver) item.mark('lost');
    else if (failure) this.#misrouted(item, failure.error);
    else if (matches.length === 0) this.#unmatched(item);
    else for (const order of matches) this.#hand(item, order);
    this.#settle(item);
    return item;
  }

  /** What a handler has made of an item goes to all consumers. Resolves when all have accepted it. */
  forward({ item, handler, order }: Entry, result: unknown): Promise<unknown> | undefined {
    if (result === undefined || this.#isOver) return undefined;
    item.add(result, order);
    const waits = this.consumers.flatMap((line) => {
      item.pending++;
      return line.offer(entryOf(item, result, handler, order)) ?? [];
    });
    return waits.length === 0 ? undefined : Promise.all(waits);
  }

  /** A part is done with something. */
  done({ item }: Entry): void {
    this.#settle(item);
  }

  /** A part has given something up. */
  failed({ item }: Entry, error: unknown): void {
    item.mark('failed', error);
    this.#settle(item);
  }

  /** Calls back when nothing of a producer is in flight any more. */
  whenThrough(producer: string, done: () => void): () => void {
    if ((this.#counts.get(producer) ?? 0) === 0) {
      done();
      return () => {};
    }
    const wait = { producer, done };
    this.#waits.push(wait);
    return () => {
      this.#waits = this.#waits.filter((each) => each !== wait);
    };
  }

  /** The pipeline is down: what is still on its way is lost. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const drops of this.#drops) drops.end();
    for (const line of [...this.handlers, ...this.consumers]) line.clear();
    const lost = this.#live.size;
    if (lost > 0) this.#tell({ status: 'lost', count: lost, id: null });
    for (const item of this.#live) {
      item.mark('lost');
      this.#over(item);
    }
  }

  #hand(item: Item, order: number): void {
    item.pending++;
    const { name } = this.design.handlers[order] as { name: string };
    this.handlers[order]?.offer(entryOf(item, item.payload, name, order));
  }

  #unmatched(item: Item): void {
    item.mark('unmatched');
    this.#tell({ status: 'unmatched', count: 1, id: item.id, route: item.route ?? null });
  }

  #misrouted(item: Item, error: unknown): void {
    item.mark('failed', error);
    this.#tell({
      status: 'failed',
      count: 1,
      id: item.id,
      attempt: 1,
      retryMs: null,
      error: errorInfo(error),
    });
  }

  #dropped({ item }: Entry, report: DropReport | undefined): void {
    item.mark('dropped');
    report?.add();
    this.#settle(item);
  }

  #settle(item: Item): void {
    item.pending--;
    if (item.pending === 0 && this.#live.has(item)) this.#over(item);
  }

  #over(item: Item): void {
    const { producer } = item;
    this.#live.delete(item);
    const left = (this.#counts.get(producer) ?? 1) - 1;
    this.#counts.set(producer, left);
    this.#meter.over(item.status, this.#kernel.clock.monotonic() - item.since);
    this.#meter.inFlight(this.#live.size);
    item.tell();
    this.admission.give();
    if (left > 0 || this.#waits.length === 0) return;
    const through = this.#waits.filter((wait) => wait.producer === producer);
    this.#waits = this.#waits.filter((wait) => wait.producer !== producer);
    for (const { done } of through) done();
  }

  #tell(happening: { readonly status: ItemStatus } & Omit<ItemHappening, 'type' | 'status'>): void {
    this.#router.record({ type: 'item', ...happening } as Happening);
  }

  #placeOf(below: string): { readonly path: string; readonly incarnation: number } {
    const path = `${this.#node.path}/${below}`;
    return { path, incarnation: this.#kernel.tree.get(path)?.incarnation ?? 0 };
  }
}

type ItemHappening = Extract<Happening, { type: 'item' }>;

function entryOf(item: Item, value: unknown, handler: string, order: number): Entry {
  return { item, value, handler, order, attempts: 0, place: 0, onAccepted: undefined };
}

const flows = new WeakMap<TreeNode, Flow>();

/** What flows through the pipeline that a part belongs to. */
export function flowAt(kernel: Kernel, path: string): Flow {
  for (let node = kernel.tree.get(path); node; node = node.parent) {
    const flow = flows.get(node);
    if (flow) return flow;
  }
  throw new TypeError(`${path} is no part of a pipeline.`);
}

/** A new life of a pipeline begins; one that is going on goes on. */
export function openFlow(node: TreeNode, make: () => Flow): Flow {
  const known = flows.get(node);
  if (known && !known.isOver) return known;
  const flow = make();
  flows.set(node, flow);
  return flow;
}
