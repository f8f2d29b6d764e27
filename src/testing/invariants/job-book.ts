import type { TraceEvent } from '../trace.ts';

export type JobKept = Extract<TraceEvent, { type: 'job-kept' }>;
type Did<Name extends JobKept['did']> = Extract<JobKept, { did: Name }>;

/** Where a job is, as far as that is said: whether it waits for its time or its key is not. */
export type KeptState = 'waiting' | 'active' | 'completed' | 'dead' | 'cancelled';

/** A job as the storage has said that it is. */
export class KeptJob {
  readonly queue: string;
  readonly id: string;
  readonly key: string | null;
  readonly maxAttempts: number;
  /** Position among all jobs, in the order of adding. */
  readonly order: number;
  state: KeptState = 'waiting';
  /** Attempts that count. */
  attempt = 0;
  fence = 0;
  /** By the time of day: until then it is nobody else's. */
  leaseUntil = 0;
  /** What has brought it into its state. */
  since: JobKept;
  claimed: Did<'claimed'> | undefined;
  /** By the time of day: then it may be forgotten. */
  forgetAt = Number.POSITIVE_INFINITY;

  constructor(event: Did<'added'>, order: number) {
    const { queue, id, key, maxAttempts } = event;
    this.queue = queue;
    this.id = id;
    this.key = key;
    this.maxAttempts = maxAttempts;
    this.order = order;
    this.since = event;
  }

  get isOver(): boolean {
    return this.state !== 'waiting' && this.state !== 'active';
  }

  get name(): string {
    return `job ${this.id} of ${this.queue}`;
  }
}

/** What has become of jobs, as their storage says: kept by each rule for itself, over all lives. */
export class JobBook {
  readonly #jobs = new Map<string, KeptJob>();
  readonly #pauses = new Map<string, JobKept>();
  #added = 0;

  get(id: string): KeptJob | undefined {
    return this.#jobs.get(id);
  }

  jobs(): Iterable<KeptJob> {
    return this.#jobs.values();
  }

  /** What says that a queue is paused; undefined: it is not. */
  pauseOf(queue: string): JobKept | undefined {
    return this.#pauses.get(queue);
  }

  /** Rules look at an event before it is taken. */
  take(event: JobKept): void {
    switch (event.did) {
      case 'added':
        this.#jobs.set(event.id, new KeptJob(event, this.#added++));
        return;
      case 'paused':
        this.#pauses.set(event.queue, event);
        return;
      case 'resumed':
        this.#pauses.delete(event.queue);
        return;
      default:
    }
    const job = this.#jobs.get(event.id);
    if (job) this.#change(job, event);
  }

  #change(job: KeptJob, event: JobKept): void {
    switch (event.did) {
      case 'claimed':
        job.claimed = event;
        job.attempt = event.attempt;
        job.fence = event.fence;
        job.leaseUntil = event.leaseUntil;
        return move(job, 'active', event);
      case 'renewed':
        job.leaseUntil = event.leaseUntil;
        return;
      case 'settled':
        if (event.state === null) return;
        // Of one that was called off meanwhile, it is the last.
        if (event.outcome === 'released' && event.state !== 'cancelled') job.attempt--;
        return moveOrEnd(job, event.state, event);
      case 'lost':
        return moveOrEnd(job, event.state, event);
      case 'cancelled':
        if (!event.isRunning) moveOrEnd(job, 'cancelled', event);
        return;
      case 'redriven':
        job.attempt = 0;
        job.forgetAt = Number.POSITIVE_INFINITY;
        return move(job, 'waiting', event);
      case 'discarded':
        if (job.state === 'dead') this.#jobs.delete(job.id);
        return;
      default:
    }
  }
}

export function keptStateOf(state: string): KeptState {
  return state === 'scheduled' || state === 'ready' || state === 'held'
    ? 'waiting'
    : (state as KeptState);
}

function moveOrEnd(
  job: KeptJob,
  state: string,
  event: Did<'settled'> | Did<'lost'> | Did<'cancelled'>,
): void {
  move(job, keptStateOf(state), event);
  const { now, keepMs } = event;
  // What is not kept at all is forgotten at once, the others with a claim after their time.
  if (job.isOver && keepMs !== null) job.forgetAt = keepMs === 0 ? 0 : now + keepMs;
}

function move(job: KeptJob, state: KeptState, event: JobKept): void {
  job.state = state;
  job.since = event;
}
