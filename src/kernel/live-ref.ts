import type { Observable } from 'rxjs';
import type { SupervisorEvent } from '../../actors/supervisor.ts';
import type { AskOptions } from '../define/context.ts';
import type { AnyDefinition } from '../define/definition.ts';
import type { SupervisorSpec } from '../define/spec.ts';
import { worstCaseStartMs, worstCaseStopMs } from '../define/worst-case.ts';
import { compileChild } from './added.ts';
import { noSupervisorError, refusalError, rootCallError } from './calls.ts';
import { toMs } from './durations.ts';
import { type Explanation, explain } from './explain.ts';
import { type Health, healthOf } from './health.ts';
import type { Kernel } from './kernel.ts';
import { askMessage, defaultAskMs, sendMessage } from './messages.ts';
import type { Status, TreeNode } from './node.ts';
import { lifelong } from './observable.ts';
import type { Settle } from './open-calls.ts';
import type {
  AddOptions,
  AnyRef,
  ChildCounts,
  ChildOverrides,
  ChildView,
  Ref,
  WatchedEnd,
} from './ref.ts';
import { Supervision } from './supervision.ts';
import { watchEnd, whenReady } from './watching.ts';

/** Carries out what a handle offers. It knows its path and looks the place up at each use. */
export class LiveRef implements AnyRef {
  readonly #kernel: Kernel;
  readonly #stopSystem: () => Promise<unknown>;
  readonly path: string;

  constructor(kernel: Kernel, path: string, stopSystem: () => Promise<unknown>) {
    this.#kernel = kernel;
    this.path = path;
    this.#stopSystem = stopSystem;
  }

  status(): Status {
    return this.#node?.status ?? 'absent';
  }

  incarnation(): number {
    return this.#node?.incarnation ?? 0;
  }

  value(): unknown {
    return this.#node?.status === 'running' ? this.#node.value : undefined;
  }

  health(): Health {
    return this.#node ? healthOf(this.#node) : { status: 'healthy', ready: false, reasons: [] };
  }

  explain(): Explanation {
    return explain(this.#kernel, this.path, this.#node);
  }

  get status$(): Observable<Status> {
    return this.#observe(
      () => this.status(),
      (notify) => this.#listen(notify),
    );
  }

  get health$(): Observable<Health> {
    return this.#observe(
      () => this.health(),
      (notify) => this.#listenBelow(notify),
    );
  }

  whenReady(): Promise<void> {
    return whenReady(this.#kernel, this);
  }

  watch(callback: (end: WatchedEnd) => void): () => void {
    return watchEnd(this.#kernel, this, callback);
  }

  start(): Promise<void> {
    return this.#callParent('restartChild');
  }

  async stop(): Promise<void> {
    const node = this.#node;
    if (!node) return;
    if (!node.parent) await this.#stopSystem();
    else await this.#callParent('stopChild');
  }

  async restart(): Promise<void> {
    const { parent, id, spec, isInDynamic } = this.#existing();
    if (!parent) throw rootCallError(this.path, 'restart');
    // What is gone once it is down could not be started again.
    const isForgotten =
      isInDynamic || parent.spec.kind === 'service' || spec.restart === 'temporary';
    if (isForgotten) throw refusalError({ code: 'NotSupported', id }, parent.path);
    const { incarnation } = this.#existing();
    await this.#callParent('stopChild');
    // Somebody else who restarted it at the same time has started it already.
    if (this.incarnation() > incarnation) return await this.whenReady();
    await this.#callParent('restartChild');
  }

  send(message: string, payload?: unknown): void {
    sendMessage(this.#kernel, this.path, message, payload);
  }

  async ask(message: string, payload?: unknown, options: AskOptions = {}): Promise<unknown> {
    const timeoutMs = options.timeout === undefined ? defaultAskMs : toMs(options.timeout);
    return await askMessage(this.#kernel, this.path, message, payload, timeoutMs);
  }

  async startChild(
    child: AnyDefinition | ChildOverrides = {},
    options: AddOptions = {},
  ): Promise<Ref> {
    const node = this.#supervisorNode();
    const supervision = this.#supervision(node);
    const freshId = () => supervision.freshId();
    const { id, spec } = await compileChild(this.#kernel, node, child, options.config, freshId);
    this.#kernel.journal.noteCall('startChild', `${node.path}/${id}`);
    await this.#settled(node, (settle) => supervision.add(id, spec, settle));
    return new LiveRef(this.#kernel, `${this.path}/${id}`, this.#stopSystem);
  }

  async stopChild(child: string | Ref): Promise<void> {
    const id = this.#idOf(child);
    const node = this.#supervisorNode();
    // A handle of a dynamic child that is gone: what was asked for is so already.
    if (typeof child !== 'string' && child.status() === 'absent' && this.#isRunning(node)) return;
    await this.#call(node, 'stopChild', id);
  }

  async restartChild(child: string): Promise<void> {
    await this.#callById('restartChild', child);
  }

  async removeChild(child: string): Promise<void> {
    await this.#callById('removeChild', child);
  }

  children(): ChildView[] {
    return inStartOrder(this.#node).map((node) => ({
      id: node.id,
      path: node.path,
      kind: node.spec.kind,
      status: node.status,
      incarnation: node.incarnation,
    }));
  }

  count(): ChildCounts {
    const views = this.children();
    const supervisors = views.filter(({ kind }) => kind === 'supervisor').length;
    const spec = this.#node?.spec;
    const isDynamic = spec?.kind === 'supervisor' && spec.strategy === 'dynamic';
    return {
      specs: isDynamic ? 1 : views.length,
      active: views.filter(({ status }) => status === 'running').length,
      supervisors,
      workers: views.length - supervisors,
    };
  }

  worstCaseStop(): number {
    return worstCaseStopMs(this.#supervisorNode().spec, this.path);
  }

  worstCaseStart(): number {
    return worstCaseStartMs(this.#supervisorNode().spec, this.path);
  }

  get #node(): TreeNode | undefined {
    return this.#kernel.tree.get(this.path);
  }

  #existing(): TreeNode {
    const node = this.#node;
    if (node) return node;
    throw refusalError({ code: 'NotFound' }, this.path);
  }

  #supervisorNode(): TreeNode & { spec: SupervisorSpec } {
    const node = this.#existing();
    if (node.spec.kind === 'supervisor') return node as TreeNode & { spec: SupervisorSpec };
    throw noSupervisorError(this.path);
  }

  #supervision(node: TreeNode): Supervision {
    if (this.#isRunning(node)) return node.supervision as Supervision;
    throw refusalError({ code: 'NotRunning' }, node.path);
  }

  #isRunning(node: TreeNode): boolean {
    const { supervision } = node;
    return supervision instanceof Supervision && !supervision.isHalting && !node.isUnderHalt;
  }

  #idOf(child: string | Ref): string {
    if (typeof child !== 'string') return child.path.slice(this.path.length + 1);
    return child;
  }

  #callById(type: 'restartChild' | 'removeChild', id: string): Promise<void> {
    return this.#call(this.#supervisorNode(), type, id);
  }

  async #callParent(type: 'restartChild' | 'stopChild'): Promise<void> {
    const { parent, id } = this.#existing();
    if (!parent) throw rootCallError(this.path, 'start');
    await this.#call(parent, type, id);
  }

  #call(
    node: TreeNode,
    type: 'stopChild' | 'restartChild' | 'removeChild',
    id: string,
  ): Promise<void> {
    this.#kernel.journal.noteCall(type, `${node.path}/${id}`);
    const makeEvent = (call: number): SupervisorEvent => ({ type, call, id });
    return this.#settled(node, (settle) => this.#supervision(node).call(makeEvent, settle));
  }

  #settled(node: TreeNode, begin: (settle: Settle) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      begin((refusal) => {
        if (refusal) reject(refusalError(refusal, node.path));
        else resolve();
      });
    });
  }

  #listen(notify: () => void): () => void {
    return this.#kernel.board.watch(this.path, notify);
  }

  /** At most once a turn: a roll-up looks at everything below. */
  #listenBelow(notify: () => void): () => void {
    const { clock, journal } = this.#kernel;
    let timer: unknown;
    const flush = journal.onClose(() => {
      if (timer !== undefined) notify();
    });
    const forget = journal.listen((event) => {
      const isBelow = event.path === this.path || event.path.startsWith(`${this.path}/`);
      if (!isBelow || timer !== undefined) return;
      timer = clock.setTimeout(() => {
        timer = undefined;
        notify();
      }, 0);
    });
    return () => {
      if (timer !== undefined) clock.clearTimeout(timer);
      flush();
      forget();
    };
  }

  #observe<Value>(
    read: () => Value,
    listen: (notify: () => void) => () => void,
  ): Observable<Value> {
    return lifelong<Value>(this.#kernel.journal, (next) => {
      let last = JSON.stringify(read());
      next(read());
      return listen(() => {
        const text = JSON.stringify(read());
        if (text === last) return;
        last = text;
        next(read());
      });
    });
  }
}

/** Those of the definition first: a temporary one that came back is the last that was put there. */
function inStartOrder(node: TreeNode | undefined): TreeNode[] {
  const children = [...(node?.children?.values() ?? [])];
  if (node?.spec.kind !== 'supervisor' || node.spec.strategy === 'dynamic') return children;
  const order = new Map(node.spec.children.map(({ name }, index) => [name, index]));
  const place = ({ id }: TreeNode) => order.get(id) ?? order.size;
  return children.sort((a, b) => place(a) - place(b));
}
