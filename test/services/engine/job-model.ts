import type {
  CancelAnswer,
  JobState,
  NewJob,
  PerKey,
  Settlement,
} from '../../../src/services/engine/job-rows.ts';

/** A job as the simplest thing that could be right has it. */
interface Modelled {
  readonly job: NewJob;
  readonly place: number;
  state: 'waiting' | 'active' | 'completed' | 'dead' | 'cancelled';
  /** Not before. */
  from: number;
  attempt: number;
  fence: number;
  leaseUntil: number;
  isCancelling: boolean;
}

export interface ModelClaim {
  readonly id: string;
  readonly fence: number;
}

const leaseMs = 100;

/**
 * What a queue is, said without indexes and states in between: a list that is looked through from the
 * most urgent on. Every engine has to do the same.
 */
export class JobModel {
  readonly #jobs: Modelled[] = [];
  readonly #perKey: PerKey;
  isPaused = false;

  constructor(perKey: PerKey) {
    this.#perKey = perKey;
  }

  add(now: number, job: NewJob): { id: string; isNew: boolean } {
    const { idempotencyKey } = job;
    const known = this.#jobs.find(
      (other) => idempotencyKey !== null && other.job.idempotencyKey === idempotencyKey,
    );
    if (known) return { id: known.job.id, isNew: false };
    this.#jobs.push({
      job,
      place: this.#jobs.length,
      state: 'waiting',
      from: Math.max(now, job.dueAt ?? 0),
      attempt: 0,
      fence: 0,
      leaseUntil: 0,
      isCancelling: false,
    });
    return { id: job.id, isNew: true };
  }

  claim(now: number, limit: number): { jobs: ModelClaim[]; lost: string[] } {
    const lost = this.#takeBack(now);
    const jobs: ModelClaim[] = [];
    const waiting = this.#jobs
      .filter(({ state, from }) => state === 'waiting' && from <= now)
      .sort((one, other) => other.job.priority - one.job.priority || one.place - other.place);
    while (jobs.length < limit && !this.isPaused) {
      const next = waiting.find((job) => job.state === 'waiting' && this.#mayRun(job));
      if (!next) break;
      next.state = 'active';
      next.attempt++;
      next.fence++;
      next.leaseUntil = now + leaseMs;
      jobs.push({ id: next.job.id, fence: next.fence });
    }
    return { jobs, lost };
  }

  settle(now: number, claim: ModelClaim, settlement: Settlement): boolean {
    const job = this.#held(claim);
    if (!job) return false;
    if (settlement.type === 'released') job.attempt--;
    if (settlement.type === 'retry' || settlement.type === 'released') {
      job.state = job.isCancelling ? 'cancelled' : 'waiting';
      job.from = now + (settlement.type === 'retry' ? settlement.delayMs : 0);
    } else {
      job.state = settlement.type;
    }
    return true;
  }

  renew(now: number, claims: readonly ModelClaim[]): string[] {
    return claims.map((claim) => {
      const job = this.#held(claim);
      if (!job) return 'gone';
      job.leaseUntil = now + leaseMs;
      return job.isCancelling ? 'cancelling' : 'held';
    });
  }

  cancel(id: string): CancelAnswer {
    const job = this.#find(id);
    if (!job) return 'unknown';
    if (job.state === 'active') {
      job.isCancelling = true;
      return 'cancelling';
    }
    if (job.state !== 'waiting') return 'over';
    job.state = 'cancelled';
    return 'cancelled';
  }

  redrive(now: number, id: string): boolean {
    const job = this.#find(id);
    if (job?.state !== 'dead') return false;
    job.state = 'waiting';
    job.from = now;
    job.attempt = 0;
    job.isCancelling = false;
    return true;
  }

  /** Of every job, as far as it can be told from outside. */
  states(): Record<string, string> {
    return Object.fromEntries(this.#jobs.map(({ job, state }) => [job.id, state]));
  }

  #takeBack(now: number): string[] {
    const lost = this.#jobs.filter(
      ({ state, leaseUntil }) => state === 'active' && leaseUntil <= now,
    );
    for (const job of lost) {
      const isOut = job.attempt >= job.job.maxAttempts;
      job.state = job.isCancelling ? 'cancelled' : isOut ? 'dead' : 'waiting';
      job.from = now;
    }
    return lost.map(({ job }) => job.id).sort();
  }

  #mayRun({ job: { key }, place }: Modelled): boolean {
    if (key === null || this.#perKey === null) return true;
    const ofKey = this.#jobs.filter((other) => other.job.key === key);
    if (this.#perKey !== 'fifo') {
      return ofKey.filter(({ state }) => state === 'active').length < this.#perKey;
    }
    return !ofKey.some(
      ({ state, place: other }) => state === 'active' || (state === 'waiting' && other < place),
    );
  }

  #held({ id, fence }: ModelClaim): Modelled | undefined {
    const job = this.#find(id);
    return job?.state === 'active' && job.fence === fence ? job : undefined;
  }

  #find(id: string): Modelled | undefined {
    return this.#jobs.find(({ job }) => job.id === id);
  }
}

/** The states of an engine in the words of the model. */
export function modelState(state: JobState | undefined): string | undefined {
  return state === 'ready' || state === 'held' || state === 'scheduled' ? 'waiting' : state;
}

export { leaseMs };
