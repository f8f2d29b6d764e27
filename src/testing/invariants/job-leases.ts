import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { JobBook, type JobKept, type KeptJob } from './job-book.ts';
import { violationOf } from './violation.ts';

type HandlerEvent = Extract<TraceEvent, { type: 'job-handler' }>;

const violation = violationOf('leaseExclusive');

/** While the lease on a job lasts, by the time of day, it is nobody else's. */
export const leaseExclusive: Invariant = {
  name: 'leaseExclusive',
  description:
    'While a lease on a job lasts nobody else is given it, only its claim counts, and no handler begins without one.',
  kind: 'safety',
  needs: ['whole-run'],
  isDurable: true,
  begin() {
    const jobs = new JobBook();
    const beliefs = new Beliefs();
    return {
      onEvent(event) {
        if (event.type === 'job-handler') return withoutLease(jobs.get(event.id), beliefs, event);
        if (event.type !== 'job-kept') return undefined;
        const job = jobs.get(event.id);
        const found = job && intrusion(job, event);
        jobs.take(event);
        if (job) beliefs.take(job, event);
        return found;
      },
    };
  },
};

/**
 * Until when whoever has claimed a job may think that nobody else has it: by the time that passes,
 * whatever the time of day is set to, and whoever ends the lease behind its back.
 */
class Beliefs {
  readonly #until = new Map<string, number>();

  take({ id, attempt, fence }: KeptJob, event: JobKept): void {
    if (event.did !== 'claimed' && event.did !== 'renewed') return;
    const leaseMs = event.leaseUntil - event.now;
    if (event.fence !== fence || leaseMs <= 0) return;
    this.#until.set(`${event.path} ${id} ${attempt}`, event.at + leaseMs);
  }

  allow({ path, id, attempt, at }: HandlerEvent): boolean {
    return at < (this.#until.get(`${path} ${id} ${attempt}`) ?? 0);
  }
}

function intrusion(job: KeptJob, event: JobKept): Violation | undefined {
  const { at, did } = event;
  if (did === 'claimed' && event.fence <= job.fence) {
    const message = `The ${job.name} is claimed with fence ${event.fence} at ${at} ms, after ${job.fence}.`;
    return violation(event, message, job.claimed);
  }
  const isTaken = did === 'lost' || (did === 'claimed' && job.state === 'active');
  if (isTaken && event.now < job.leaseUntil) {
    const message = `The ${job.name} is taken away at ${at} ms; its lease lasts ${job.leaseUntil - event.now} ms more.`;
    return violation(event, message, job.claimed);
  }
  const isOfClaim = did === 'renewed' || (did === 'settled' && event.state !== null);
  if (isOfClaim && event.fence !== job.fence) {
    const message = `The ${job.name} is ${did} by claim ${event.fence} at ${at} ms; claim ${job.fence} is current.`;
    return violation(event, message, job.claimed);
  }
  return undefined;
}

/** A handler that begins although its lease is over: then the job may be somebody else's. */
function withoutLease(
  job: KeptJob | undefined,
  beliefs: Beliefs,
  event: HandlerEvent,
): Violation | undefined {
  const { did, at, attempt, path } = event;
  if (!job || did !== 'begun' || beliefs.allow(event)) return undefined;
  const message = `A handler of ${path} begins attempt ${attempt} of ${job.name} at ${at} ms, without a lease that lasts: the job is ${job.state} in attempt ${job.attempt}.`;
  return violation(event, message, job.claimed, job.since);
}
