import {
  type AnyQueue,
  type AnyService,
  type Context,
  type Job,
  type Jobs,
  type SystemOptions,
  service,
  supervisor,
} from '../../src/index.ts';
import { Lab } from '../kernel/lab.ts';

/** A system with workers in it, on a virtual clock, with its storage in memory. */
export class Office extends Lab<ReturnType<typeof treeOf>> {
  readonly #own: { ctx?: Context };

  constructor(workers: readonly AnyService[], options: SystemOptions = {}) {
    const own: { ctx?: Context } = {};
    const clerk = service('clerk', {
      start: (ctx) => {
        own.ctx = ctx;
      },
    });
    super(treeOf([...workers, clerk]), { storage: 'memory', ...options });
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
