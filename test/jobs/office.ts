import {
  type AnyQueue,
  type AnyService,
  type Context,
  type Job,
  type Jobs,
  System,
  type SystemOptions,
  service,
  supervisor,
} from '../../src/index.ts';
import {
  type Engine,
  EngineError,
  type EngineFailure,
  type ResultsOf,
  type Step,
} from '../../src/services/engine/engine.ts';
import { MemoryEngine } from '../../src/services/engine/memory-engine.ts';
import { Lab } from '../kernel/lab.ts';

/** A system with workers in it, on a virtual clock, with its storage in memory. */
export class Office extends Lab<ReturnType<typeof treeOf>> {
  readonly #own: { ctx?: Context };

  /** @param engine what its storage is, where others use the same */
  constructor(workers: readonly AnyService[], options: SystemOptions = {}, engine?: Engine) {
    const own: { ctx?: Context } = {};
    const clerk = service('clerk', {
      start: (ctx) => {
        own.ctx = ctx;
      },
    });
    const bends = engine && { bends: { storage: () => engine } };
    super(
      treeOf([...workers, clerk]),
      { storage: 'memory', ...options },
      (root, all) => new System(root, all, bends),
    );
    this.#own = own;
  }

  /** The context of a service beside the workers. */
  get ctx(): Context {
    return this.#own.ctx as Context;
  }

  get jobs(): Jobs {
    return this.system.jobs;
  }

  /** Lets virtual time pass until a job is over. */
  over(queue: AnyQueue, id: string) {
    return this.until(this.jobs.wait(queue, id, { within: 'infinity' }));
  }

  /** What happened to jobs, as `status`, or as `id status` of all. */
  story(id?: string): string[] {
    return this.all('job')
      .filter((event) => id === undefined || event.id === id)
      .map((event) => (id === undefined ? `${event.id} ${event.status}` : event.status));
  }
}

function treeOf(services: readonly AnyService[]) {
  return supervisor('app', { start: 'parallel' }, services);
}

/** Storage that several systems share, and that a test can put out of reach. */
export class SharedEngine implements Engine {
  readonly #inner = new MemoryEngine();
  /** The names of all operations that were asked for, by request. */
  readonly requests: string[][] = [];
  /** What requests fail with, as long as it is set. */
  failure: EngineFailure | undefined;
  /** The next requests are carried out, and nobody is told. */
  silent = 0;
  #gate: PromiseWithResolvers<void> | undefined;

  async submit<const Steps extends readonly Step[]>(
    steps: Steps,
    options?: { readonly isRehearsal?: boolean },
  ): Promise<ResultsOf<Steps>> {
    this.requests.push(steps.map(([name]) => name));
    if (this.failure) throw new EngineError(this.failure);
    await this.#gate?.promise;
    const results = await this.#inner.submit(steps, options);
    if (this.silent === 0) return results;
    this.silent--;
    throw new EngineError(outOfReach);
  }

  /** From now on nothing is answered, until `answer`. */
  hang(): void {
    this.#gate = Promise.withResolvers();
  }

  answer(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  goDown(): void {
    this.failure = outOfReach;
  }

  comeBack(): void {
    this.failure = undefined;
  }

  watch(queue: string, listener: () => void): () => void {
    return this.#inner.watch(queue, listener);
  }

  close(): undefined {}

  abort(): void {}
}

const outOfReach: EngineFailure = {
  code: 'DARUMA_STORAGE_UNUSABLE',
  message: 'the disk is gone',
  hint: 'Put it back.',
};

/** A handler that ends when the test says so, and obeys its signal. */
export class Desk<Payload = unknown> {
  readonly jobs: Job<Payload>[] = [];
  readonly #settle = new Map<object, PromiseWithResolvers<unknown>>();

  /** Ends when the test says so, whoever asks. */
  readonly deaf = (job: Job<Payload>): Promise<unknown> => {
    this.jobs.push(job);
    const settle = Promise.withResolvers<unknown>();
    this.#settle.set(job, settle);
    return settle.promise;
  };

  readonly obedient = (job: Job<Payload>): Promise<unknown> => {
    const running = this.deaf(job);
    job.signal.addEventListener('abort', () => this.fail(job.signal.reason, job));
    return running;
  };

  /** The latest. */
  get job(): Job<Payload> {
    const job = this.jobs.at(-1);
    if (!job) throw new Error('None has begun yet.');
    return job;
  }

  finish(result?: unknown, job: object = this.job): void {
    this.#settle.get(job)?.resolve(result);
  }

  fail(error: unknown, job: object = this.job): void {
    this.#settle.get(job)?.reject(error);
  }
}
