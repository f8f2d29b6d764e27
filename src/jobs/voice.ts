import { errorInfo, type Happening } from '../events.ts';
import type { JobHappening } from '../happenings/jobs.ts';
import type { Backstage } from '../kernel/backstage.ts';
import type { Claimed } from '../services/engine/job-rows.ts';
import type { JobFacts } from './errors.ts';

type JobEvent = JobHappening & { type: 'job' };
type Told = Pick<JobEvent, 'status'> & Omit<Partial<JobEvent>, 'status' | 'type'>;

/** Puts what happens to one attempt into the journal. */
export class Voice {
  readonly #facts: JobFacts;
  readonly #claim: Claimed;
  readonly #backstage: Backstage;
  readonly #startedAt: number;

  constructor(facts: JobFacts, claim: Claimed, backstage: Backstage) {
    this.#facts = facts;
    this.#claim = claim;
    this.#backstage = backstage;
    this.#startedAt = backstage.clock.monotonic();
  }

  started(): void {
    const waitedMs = Math.max(0, this.#backstage.clock.now() - this.#claim.readyAt);
    this.say({ status: 'started', waitedMs });
  }

  over(told: Told): void {
    this.say({ ...told, tookMs: this.#backstage.clock.monotonic() - this.#startedAt });
  }

  say(told: Told): void {
    const { queue, id, attempt } = this.#facts;
    const { workspaceId } = this.#claim;
    const whom = workspaceId === null ? {} : { workspaceId };
    this.record({ type: 'job', queue, id, attempt, ...whom, ...told });
  }

  /** An error that changes nothing any more. */
  stray(error: unknown): void {
    this.record({ type: 'stray-error', error: errorInfo(error), job: this.#facts.id });
  }

  /** It was completed, but what it returned is not kept. */
  resultLost(problem: string): void {
    const { queue, id } = this.#facts;
    const text = `Job ${id} of ${queue} is completed, but its result is not kept: ${problem}.`;
    this.record({ type: 'hint', text });
  }

  record(happening: Happening): void {
    this.#backstage.record(happening);
  }
}
