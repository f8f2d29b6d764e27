import type { ArgsOf, Engine, ResultOf, Step } from '../../../src/services/engine/engine.ts';
import type {
  Claimed,
  ClaimQuery,
  JobState,
  NewJob,
  Settlement,
} from '../../../src/services/engine/job-rows.ts';

let queues = 0;

/** One queue of its own of an engine, with a clock that the test moves. */
export class Desk {
  readonly engine: Engine;
  readonly queue = `queue-${process.pid}-${++queues}`;
  now = 1_000_000;
  #ids = 0;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  async do<const Name extends Step[0]>(name: Name, args: ArgsOf<Name>): Promise<ResultOf<Name>> {
    const [result] = await this.engine.submit([[name, args] as unknown as Step]);
    return result as ResultOf<Name>;
  }

  job(given: Partial<NewJob> = {}): NewJob {
    return {
      id: `${this.queue}-${++this.#ids}`,
      queue: this.queue,
      payload: 'null',
      priority: 0,
      dueAt: null,
      key: null,
      idempotencyKey: null,
      workspaceId: null,
      trigger: 'enqueue',
      traceparent: null,
      maxAttempts: 3,
      ...given,
    };
  }

  /** Adds one, and returns its id. */
  async add(given: Partial<NewJob> = {}): Promise<string> {
    const [added] = await this.do('jobs.add', { now: this.now, jobs: [this.job(given)] });
    return added?.id as string;
  }

  query(given: Partial<ClaimQuery> = {}): ClaimQuery {
    return {
      queue: this.queue,
      now: this.now,
      holder: 'me',
      leaseMs: 1_000,
      limit: 10,
      perKey: null,
      rate: null,
      keepDeadMs: null,
      ...given,
    };
  }

  look(given: Partial<ClaimQuery> = {}) {
    return this.do('jobs.claim', this.query(given));
  }

  async claim(given: Partial<ClaimQuery> = {}): Promise<readonly Claimed[]> {
    return (await this.look(given)).jobs;
  }

  async claimIds(given: Partial<ClaimQuery> = {}): Promise<string[]> {
    return (await this.claim(given)).map(({ id }) => id);
  }

  async claimOne(given: Partial<ClaimQuery> = {}): Promise<Claimed> {
    const [job] = await this.claim({ limit: 1, ...given });
    if (!job) throw new Error('There was nothing to claim.');
    return job;
  }

  settle({ id, fence, key }: Claimed, settlement: Settlement, keepMs: number | null = null) {
    const { now, queue } = this;
    return this.do('jobs.settle', { now, queue, id, fence, key, settlement, keepMs });
  }

  complete(job: Claimed, keepMs: number | null = null) {
    return this.settle(job, { type: 'completed', result: null }, keepMs);
  }

  get(id: string) {
    return this.do('jobs.get', { queue: this.queue, id });
  }

  async stateOf(id: string): Promise<JobState | undefined> {
    return (await this.get(id))?.state;
  }

  async counts() {
    const [counts] = await this.do('jobs.counts', { now: this.now, queue: this.queue });
    return counts;
  }
}

export const failed = (delayMs = 0): Settlement => ({ type: 'retry', error: '"no"', delayMs });
export const dead: Settlement = { type: 'dead', error: '"no"', reason: 'exhausted' };

export function refOf({ id, fence }: { readonly id: string; readonly fence: number }) {
  return { id, fence };
}
