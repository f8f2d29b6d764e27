import {
  type SystemOptions,
  supervisor,
  type TaskContext,
  type TasksOptions,
  type TaskWorker,
  tasks,
} from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';

export const path = 'app/worker';

/** A system with a worker in it, on a virtual clock. */
export class Workshop extends Lab<ReturnType<typeof treeOf>> {
  readonly #definition: Definition;

  constructor(options: TasksOptions = {}, systemOptions: SystemOptions = {}) {
    const definition = tasks('worker', options);
    super(treeOf(definition), systemOptions);
    this.#definition = definition;
  }

  get worker(): TaskWorker {
    const worker = this.system.value(this.#definition);
    if (!worker) throw new Error('There is no worker.');
    return worker;
  }

  /** What happened to tasks, as `id status`. */
  story(id?: string): string[] {
    return this.all('task')
      .filter((event) => id === undefined || event.id === id)
      .map((event) => (id === undefined ? `${event.id} ${event.status}` : event.status));
  }
}

type Definition = ReturnType<typeof tasks<'worker'>>;

function treeOf(definition: Definition) {
  return supervisor('app', [definition]);
}

/** A task that ends when the test says so, and obeys its signal. */
export class Job {
  readonly contexts: TaskContext[] = [];
  #settle: PromiseWithResolvers<unknown> = Promise.withResolvers();

  readonly run = (ctx: TaskContext): Promise<unknown> => {
    this.contexts.push(ctx);
    this.#settle = Promise.withResolvers();
    return this.#settle.promise;
  };

  readonly obedient = (ctx: TaskContext): Promise<unknown> => {
    const running = this.run(ctx);
    ctx.signal.addEventListener('abort', () => this.#settle.reject(ctx.signal.reason));
    return running;
  };

  get context(): TaskContext {
    const context = this.contexts.at(-1);
    if (!context) throw new Error('It has not run yet.');
    return context;
  }

  finish(result?: unknown): void {
    this.#settle.resolve(result);
  }

  fail(error: unknown): void {
    this.#settle.reject(error);
  }
}
