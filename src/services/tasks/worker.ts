import type { Logger } from 'pino';
import type { TaskNews, TaskState } from '../../../actors/rules/task-hands.ts';
import { taskMachine } from '../../../actors/task.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import { compileChart } from '../../kernel/compiled-chart.ts';
import { Archive } from './archive.ts';
import { Entry, type Office } from './entry.ts';
import { duplicateError, fullError, stoppingError } from './errors.ts';
import { Handle } from './handle.ts';
import { Lane, type Standing } from './lane.ts';
import { Line } from './line.ts';
import { defaultTask, readTaskOptions } from './read-task-options.ts';
import { isTaskDefinition, noFunctionError, type TaskDefinition } from './task.ts';
import type { TaskFunction, TaskHandle, TaskOptions, TaskStatus, TaskWorker } from './types.ts';
import type { WorkerPolicy } from './worker-policy.ts';

/** There may be thousands. */
const chart = compileChart(taskMachine);

/** Its types were checked at the call. */
type Work<Input> = TaskFunction<Input> | TaskDefinition<Input>;
type Options = TaskOptions & { readonly input?: unknown };

/** Somebody who waits for room. */
interface Applicant extends Standing {
  readonly id: string;
  admit(): void;
  refuse(error: unknown): void;
}

/**
 * The tasks of one incarnation of a worker.
 *
 * 1. A task that was accepted comes to exactly one end, at the latest with the incarnation.
 * 2. Never more than `concurrency` functions run, those of abandoned tasks left out.
 * 3. Of the tasks that are not over, no two have the same id.
 * 4. Whoever waits for a task or for room is answered.
 * 5. Nothing that a task does fails the worker.
 */
export class Worker implements TaskWorker, Office {
  readonly backstage: Backstage;
  readonly log: Logger;
  readonly #policy: WorkerPolicy;
  readonly #line: Line<Entry>;
  readonly #archive: Archive<Entry>;
  /** All that are known, by id, in the order in which they were accepted. */
  readonly #entries = new Map<string, Entry>();
  readonly #applicants = new Lane<Applicant>();
  /** Accepted and not over. */
  #live = 0;
  /** Places that are taken. */
  #taken = 0;
  #isPaused = false;
  #isClosed = false;
  #isWaking = false;
  #hasHired = false;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(backstage: Backstage, log: Logger, policy: WorkerPolicy) {
    this.backstage = backstage;
    this.log = log;
    this.#policy = policy;
    this.#line = new Line(policy.ageingMs);
    this.#archive = new Archive(backstage.clock, policy, (entry) => this.#forget(entry));
  }

  submit(id: string, work: Work<never>, options?: Options): TaskHandle<never> {
    if (this.#isClosed) throw stoppingError(this.backstage.path, id);
    if (!this.#hasRoom) throw fullError(this.backstage.path, id, this.#policy.maxPending);
    return this.#accept(id, work, options);
  }

  submitWhenFree(id: string, work: Work<never>, options?: Options): Promise<TaskHandle<never>> {
    return new Promise((resolve, refuse) => {
      const admit = () => {
        try {
          resolve(this.#accept(id, work, options));
        } catch (error) {
          refuse(error);
        }
      };
      if (this.#isClosed) refuse(stoppingError(this.backstage.path, id));
      else if (this.#hasRoom) admit();
      else this.#applicants.add({ id, admit, refuse, place: -1 });
    });
  }

  status(id: string): TaskStatus | undefined {
    return this.#entries.get(id)?.status;
  }

  async wait(id: string): Promise<TaskStatus | undefined> {
    return await this.#entries.get(id)?.over;
  }

  async cancel(id: string): Promise<TaskStatus | undefined> {
    const entry = this.#entries.get(id);
    if (!entry) this.log.warn(`there is no task '${id}' to cancel`);
    else return await this.stop(entry);
    return undefined;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  count(): number {
    return this.#entries.size;
  }

  running(): number {
    return this.#taken;
  }

  pending(): number {
    return this.#live - this.#taken;
  }

  all(): TaskStatus[] {
    return Array.from(this.#entries.values(), ({ status }) => status);
  }

  cleanup(): number {
    return this.#archive.clear();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#wake();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  // For handles.

  stop(entry: Entry): Promise<TaskStatus> {
    entry.tell({ type: 'cancel', limitMs: entry.spec.cancelWithinMs });
    return entry.over;
  }

  // For the service that it is.

  /** Takes no more in and begins nothing more; resolves when what runs has ended. */
  drain(): Promise<void> {
    this.#close();
    for (const entry of this.#alive()) {
      if (!entry.hasPlace) entry.tell({ type: 'cancel', limitMs: 0 });
    }
    return this.idle();
  }

  /** Its end has begun: all are asked to stop at once, and have what the worker has. */
  shutDown(): void {
    this.#close();
    if (this.#live === 0) return this.log.debug('stopping with no active tasks');
    this.log.info(`stopping, cancelling ${this.#live} tasks`);
    for (const entry of this.#alive()) {
      entry.tell({ type: 'cancel', limitMs: Number.POSITIVE_INFINITY });
    }
    void this.idle().then(() => {
      if (!this.backstage.isOver) this.log.info('all tasks have stopped');
    });
  }

  /** Nobody waits any more: what is not over is abandoned, at once. */
  giveUp(): void {
    this.#close();
    for (const entry of this.#alive()) entry.giveUp();
  }

  /** Resolves when no task is left that is not over. */
  idle(): Promise<void> {
    if (this.#live === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  get #hasRoom(): boolean {
    const free = this.#policy.concurrency - this.#taken;
    return this.#line.size < this.#policy.maxPending + (this.#isPaused ? 0 : free);
  }

  #accept(id: string, given: Work<never>, options: Options | undefined): TaskHandle<never> {
    const work = given as Work<unknown>;
    const { path } = this.backstage;
    if (typeof id !== 'string' || id === '') {
      throw new TypeError('The id of a task is text that is not empty.');
    }
    const earlier = this.#entries.get(id);
    if (earlier && !earlier.isOver) throw duplicateError(path, id, earlier.state);
    const isDefined = isTaskDefinition(work);
    if (!isDefined && typeof work !== 'function') throw noFunctionError(path, work);
    const base = isDefined ? work.spec : defaultTask;
    const spec = options ? readTaskOptions(path, options, base) : base;
    const entry = new Entry(this, id, work, spec, options?.input);
    if (earlier) this.#archive.remove(earlier);
    this.#entries.set(id, entry);
    this.#live++;
    this.#employ(entry);
    return new Handle(this, entry);
  }

  #employ(entry: Entry): void {
    const { backstage } = this;
    const actor = backstage.hire(chart, {
      id: entry.id,
      input: { hands: entry, policy: entry.spec },
      onNews: (news) => this.#heard(entry, (news as TaskNews).status),
    });
    entry.employ(actor);
    if (this.#hasHired) return;
    this.#hasHired = true;
    // After the first is hired: whoever was hired is only let go when this is over.
    backstage.defer(() => this.#end());
  }

  /** A task is in another state. Counts first: whoever hears of it finds them right. */
  #heard(entry: Entry, state: TaskState): void {
    if (state === 'pending') {
      entry.since = this.backstage.clock.monotonic();
      this.#line.add(entry);
    } else if (entry.state === 'pending') {
      this.#line.remove(entry);
    }
    entry.moved(state);
    if (entry.hasPlace && state !== 'running' && state !== 'stopping') {
      entry.hasPlace = false;
      this.#taken--;
    }
    if (entry.isOver) {
      this.#live--;
      this.#archive.add(entry);
    }
    entry.announce();
    this.#wake();
    if (this.#live === 0) this.#idle?.resolve();
    // Nothing begins again in a worker that ends.
    if (this.#isClosed && state === 'backoff') entry.tell({ type: 'cancel', limitMs: 0 });
  }

  /** In a turn of its own: of those submitted together the most urgent begins first. */
  #wake(): void {
    if (this.#isWaking || this.#isPaused || this.#isClosed) return;
    if (this.#line.size === 0 && this.#applicants.size === 0) return;
    this.#isWaking = true;
    void Promise.resolve().then(() => {
      this.#isWaking = false;
      this.backstage.kernel.dispatcher.post(() => this.#assign());
    });
  }

  #assign(): void {
    while (!this.#isClosed && !this.#isPaused && this.#taken < this.#policy.concurrency) {
      const next = this.#line.take();
      if (!next) break;
      next.hasPlace = true;
      this.#taken++;
      next.tell({ type: 'begin' });
    }
    while (!this.#isClosed && this.#hasRoom && this.#applicants.first) {
      const { first } = this.#applicants;
      this.#applicants.remove(first);
      first.admit();
    }
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (let first = this.#applicants.first; first; first = this.#applicants.first) {
      this.#applicants.remove(first);
      first.refuse(stoppingError(this.backstage.path, first.id));
    }
  }

  #alive(): Entry[] {
    return Array.from(this.#entries.values()).filter(({ isOver }) => !isOver);
  }

  #forget(entry: Entry): void {
    if (this.#entries.get(entry.id) === entry) this.#entries.delete(entry.id);
  }

  async #end(): Promise<void> {
    await this.idle();
    this.#archive.close();
  }
}
