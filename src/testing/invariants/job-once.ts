import type { Check, Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { JobBook, type JobKept } from './job-book.ts';
import { violationOf } from './violation.ts';

/** What both kinds of rules are told, for one queue. */
const durable = { kind: 'safety', needs: ['whole-run'], isDurable: true } as const;

const violation = violationOf('completedOnce');

/** The end of a job counts once, and so does what was stored with it. */
export const completedOnce: Invariant = {
  ...durable,
  name: 'completedOnce',
  description:
    'A job completes once at most, and what a transaction of it writes is stored with its completion only.',
  begin() {
    const jobs = new JobBook();
    const told = new Map<string, TraceEvent>();
    return {
      onEvent(event) {
        if (event.type === 'job') return toldTwice(told, event);
        if (event.type !== 'job-kept') return undefined;
        const found = event.did === 'settled' ? uncounted(jobs, event) : undefined;
        jobs.take(event);
        return found;
      },
    };
  },
};

function toldTwice(
  told: Map<string, TraceEvent>,
  event: Extract<TraceEvent, { type: 'job' }>,
): Violation | undefined {
  if (event.status !== 'completed') return undefined;
  const before = told.get(event.id);
  told.set(event.id, event);
  if (!before) return undefined;
  const { id, queue, at } = event;
  return violation(
    event,
    `Job ${id} of ${queue} completes at ${at} ms for the second time.`,
    before,
  );
}

function uncounted(
  jobs: JobBook,
  event: Extract<JobKept, { did: 'settled' }>,
): Violation | undefined {
  const { id, queue, at, state, writes } = event;
  const job = jobs.get(id);
  if (state === null && writes > 0) {
    const message = `A transaction of job ${id} of ${queue} has written at ${at} ms, and its completion does not count.`;
    return violation(event, message, job?.claimed);
  }
  if (state !== 'completed' || job?.state !== 'completed') return undefined;
  const message = `Job ${id} of ${queue} is completed at ${at} ms for the second time.`;
  return violation(event, message, job.since);
}

/** Handlers that have begun for a job, and what forgives them. */
class Begins {
  readonly #begun = new Map<string, TraceEvent>();

  /** Returns the one before. */
  add(id: string, event: TraceEvent): TraceEvent | undefined {
    const before = this.#begun.get(id);
    this.#begun.set(id, event);
    return before;
  }

  forgive(id: string): void {
    this.#begun.delete(id);
  }
}

/** @param isOf whether a job is looked at */
function once(name: string, isOf: (jobs: JobBook, id: string, queue: string) => boolean): Check {
  const report = violationOf(name);
  const jobs = new JobBook();
  const begins = new Begins();
  return {
    onEvent(event) {
      if (event.type === 'job-kept') {
        const isGivenBack = event.did === 'settled' && event.outcome === 'released';
        const counts = event.did === 'settled' && event.state !== null;
        if ((isGivenBack && counts) || event.did === 'redriven') begins.forgive(event.id);
        jobs.take(event);
        return undefined;
      }
      if (event.type !== 'job-handler' || event.did !== 'begun') return undefined;
      const { id, queue, at } = event;
      if (!isOf(jobs, id, queue)) return undefined;
      const before = begins.add(id, event);
      if (!before) return undefined;
      const message = `The handler of job ${id} of ${queue} begins at ${at} ms for the second time.`;
      return report(event, message, before);
    },
  };
}

/** Jobs with one attempt are tried once: those that were given back unharmed, and again by hand. */
export const triedOnce: Invariant = {
  ...durable,
  name: 'triedOnce',
  description: 'The handler of a job that has one attempt begins once, however it ends.',
  begin: () => once('triedOnce', (jobs, id) => jobs.get(id)?.maxAttempts === 1),
};

/**
 * That no job of a queue begins twice, whatever goes wrong: for work that must rather be left undone
 * than done twice. What a stopping worker gives back unharmed may begin again, and so may what
 * somebody redrives. Holds with `maxAttempts: 1`.
 */
export function atMostOnce(queue: string): Invariant {
  const name = `atMostOnce(${queue})`;
  return {
    ...durable,
    name,
    description: `The handler of a job of ${queue} begins once at most.`,
    begin: () => once(name, (_jobs, _id, of) => of === queue),
  };
}

/**
 * That the effects of a job of a queue come about once, although it may be delivered several times:
 * no handler of it begins once one has returned. Holds where all that a handler does is done in
 * `job.transaction`; where it does anything else, a completion that was lost sight of breaks it.
 */
export function effectivelyOnce(queue: string): Invariant {
  const name = `effectivelyOnce(${queue})`;
  const report = violationOf(name);
  return {
    ...durable,
    name,
    description: `No handler of a job of ${queue} begins once one has returned.`,
    begin() {
      const returned = new Map<string, TraceEvent>();
      return {
        onEvent(event) {
          if (event.type !== 'job-handler' || event.queue !== queue) return undefined;
          if (event.did === 'returned') returned.set(event.id, event);
          const before = event.did === 'begun' ? returned.get(event.id) : undefined;
          if (!before) return undefined;
          const { id, at } = event;
          const message = `A handler of job ${id} of ${queue} begins at ${at} ms, after one that returned.`;
          return report(event, message, before);
        },
      };
    },
  };
}
