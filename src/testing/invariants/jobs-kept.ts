import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { JobBook, type JobKept, type KeptJob, keptStateOf } from './job-book.ts';
import { violationOf } from './violation.ts';

type JobEvent = Extract<TraceEvent, { type: 'job' }>;

const lost = violationOf('jobsNeverLost');

/**
 * What was added is there until it has ended and nobody has to know it any more, goes the ways of its
 * states only, and is told of as it is.
 */
export const jobsNeverLost: Invariant = {
  name: 'jobsNeverLost',
  description: 'Every job that was added ends, or is still in its queue, and is told of as it is.',
  kind: 'safety',
  needs: ['whole-run'],
  isDurable: true,
  begin() {
    const jobs = new JobBook();
    return {
      onEvent(event) {
        if (event.type === 'job') return falselyTold(jobs.get(event.id), event);
        if (event.type !== 'job-kept') return undefined;
        const job = jobs.get(event.id);
        const violation = event.did === 'found' ? notFound(job, event) : astray(job, event);
        jobs.take(event);
        return violation;
      },
    };
  },
};

/** What was told must have been stored before. */
function falselyTold(job: KeptJob | undefined, event: JobEvent): Violation | undefined {
  const { id, queue, status, at } = event;
  if (status === 'added') {
    if (job) return undefined;
    return lost(event, `Job ${id} of ${queue} is said to be added at ${at} ms; it is not stored.`);
  }
  const isEnd = status === 'completed' || status === 'dead' || status === 'cancelled';
  // What has ended may be redriven before that is told, but dead ones only.
  if (!isEnd || !job || job.state === status || status === 'dead') return undefined;
  return lost(
    event,
    `Job ${id} of ${queue} is said to be ${status} at ${at} ms; it is ${job.state}.`,
    job.since,
  );
}

/** It goes a way that there is not. */
function astray(job: KeptJob | undefined, event: JobKept): Violation | undefined {
  const { did, id, queue, at } = event;
  if (did === 'added' || did === 'paused' || did === 'resumed' || did === 'discarded') {
    return undefined;
  }
  if (did === 'settled' && event.state === null) return undefined;
  if (!job) return lost(event, `Job ${id} of ${queue} is ${did} at ${at} ms; nobody has added it.`);
  const isRunning = did === 'cancelled' && event.isRunning;
  const isWay = isRunning ? job.state === 'active' : froms[did]?.includes(job.state);
  if (isWay) return undefined;
  return lost(event, `The ${job.name} is ${did} at ${at} ms, where it is ${job.state}.`, job.since);
}

const froms: Readonly<Record<string, readonly KeptJob['state'][]>> = {
  claimed: ['waiting'],
  renewed: ['active'],
  settled: ['active'],
  lost: ['active'],
  cancelled: ['waiting'],
  redriven: ['dead'],
};

function notFound(
  job: KeptJob | undefined,
  event: Extract<JobKept, { did: 'found' }>,
): Violation | undefined {
  const { at, now, state, attempt } = event;
  if (!job) return undefined;
  if (state === null) {
    if (job.forgetAt <= now) return undefined;
    return lost(event, `The ${job.name} is not there at ${at} ms; it was ${job.state}.`, job.since);
  }
  if (keptStateOf(state) === job.state && attempt === job.attempt) return undefined;
  return lost(
    event,
    `The ${job.name} is ${state} at ${at} ms (attempt ${attempt}); it was ${job.state} (attempt ${job.attempt}).`,
    job.since,
  );
}

const tooOften = violationOf('boundedAttempts');

export const boundedAttempts: Invariant = {
  name: 'boundedAttempts',
  description:
    'Attempts of a job are counted one by one, those given back unharmed left out, up to its maxAttempts.',
  kind: 'safety',
  needs: ['whole-run'],
  isDurable: true,
  begin() {
    const jobs = new JobBook();
    return {
      onEvent(event) {
        if (event.type !== 'job-kept') return undefined;
        const job = jobs.get(event.id);
        const violation = job && event.did === 'claimed' ? wronglyCounted(job, event) : undefined;
        jobs.take(event);
        return violation;
      },
    };
  },
};

function wronglyCounted(
  job: KeptJob,
  event: Extract<JobKept, { did: 'claimed' }>,
): Violation | undefined {
  const { at, attempt } = event;
  if (attempt > job.maxAttempts) {
    const message = `The ${job.name} begins attempt ${attempt} at ${at} ms; it has ${job.maxAttempts}.`;
    return tooOften(event, message, job.since);
  }
  if (attempt === job.attempt + 1) return undefined;
  const message = `The ${job.name} begins attempt ${attempt} at ${at} ms, after ${job.attempt} that count.`;
  return tooOften(event, message, job.since);
}

const forNoReason = violationOf('deadLetterHasReason');

export const deadLetterHasReason: Invariant = {
  name: 'deadLetterHasReason',
  description:
    'A dead job says why, keeps its last error, and has no attempt left where that is the reason.',
  kind: 'safety',
  needs: ['whole-run'],
  isDurable: true,
  begin() {
    const jobs = new JobBook();
    return {
      onEvent(event) {
        if (event.type !== 'job-kept') return undefined;
        jobs.take(event);
        const job = jobs.get(event.id);
        if (!job || event.did !== 'found' || event.state !== 'dead') return undefined;
        const { at, reason, hasError } = event;
        const isUsedUp = reason === 'exhausted' || reason === 'lost';
        if (reason === null || !hasError) {
          const what = reason === null ? 'no reason' : 'no error';
          return forNoReason(
            event,
            `The ${job.name} is dead at ${at} ms and has ${what}.`,
            job.since,
          );
        }
        if (!isUsedUp || job.attempt >= job.maxAttempts) return undefined;
        return forNoReason(
          event,
          `The ${job.name} is dead after attempt ${job.attempt} of ${job.maxAttempts} (${reason}).`,
          job.since,
        );
      },
    };
  },
};
