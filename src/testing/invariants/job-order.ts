import type { Check, Invariant, Violation } from '../invariant.ts';
import { queuesOf } from '../jobs.ts';
import { JobBook, type JobKept, type KeptJob } from './job-book.ts';
import { violationOf } from './violation.ts';

type Claimed = Extract<JobKept, { did: 'claimed' }>;

const durable = { kind: 'safety', needs: ['whole-run'], isDurable: true } as const;

/** Looks at each claim, before it is taken. */
function atClaims(
  look: (jobs: JobBook, job: KeptJob, event: Claimed) => Violation | undefined,
): Check {
  const jobs = new JobBook();
  return {
    onEvent(event) {
      if (event.type !== 'job-kept') return undefined;
      const job = jobs.get(event.id);
      const found = job && event.did === 'claimed' ? look(jobs, job, event) : undefined;
      jobs.take(event);
      return found;
    },
  };
}

/** Those with the same key that are not over. */
function* beside(jobs: JobBook, job: KeptJob): Iterable<KeptJob> {
  if (job.key === null) return;
  for (const other of jobs.jobs()) {
    const isBeside = other.queue === job.queue && other.key === job.key && other !== job;
    if (isBeside && !other.isOver) yield other;
  }
}

function outOfTurn(name: string) {
  const report = violationOf(name);
  return (jobs: JobBook, job: KeptJob, event: Claimed): Violation | undefined => {
    for (const other of beside(jobs, job)) {
      if (other.state !== 'active' && other.order > job.order) continue;
      const why = other.state === 'active' ? 'is running' : 'was added before';
      const message = `The ${job.name} is claimed at ${event.at} ms; ${other.name} has the same key and ${why}.`;
      return report(event, message, other.since);
    }
    return undefined;
  };
}

const notInOrder = outOfTurn('inOrderOfKey');

export const inOrderOfKey: Invariant = {
  ...durable,
  name: 'inOrderOfKey',
  description:
    "With perKey: 'fifo' the jobs of a key run one at a time, in the order of adding, also over retries.",
  begin(tree) {
    const queues = queuesOf(tree);
    return atClaims((jobs, job, event) =>
      queues.get(job.queue)?.perKey === 'fifo' ? notInOrder(jobs, job, event) : undefined,
    );
  },
};

/** That the jobs of a queue run one at a time for each key, in the order in which they were added. */
export function fifoPerKey(queue: string): Invariant {
  const name = `fifoPerKey(${queue})`;
  const look = outOfTurn(name);
  return {
    ...durable,
    name,
    description: `The jobs of a key of ${queue} run one at a time, in the order of adding.`,
    begin: () =>
      atClaims((jobs, job, event) => (job.queue === queue ? look(jobs, job, event) : undefined)),
  };
}

const crowded = violationOf('withinPerKey');

export const withinPerKey: Invariant = {
  ...durable,
  name: 'withinPerKey',
  description: 'Never more jobs of a key are claimed at once than perKey allows.',
  begin(tree) {
    const queues = queuesOf(tree);
    return atClaims((jobs, job, event) => {
      const most = queues.get(job.queue)?.perKey;
      if (typeof most !== 'number') return undefined;
      const active = [...beside(jobs, job)].filter(({ state }) => state === 'active');
      if (active.length < most) return undefined;
      const message = `${active.length + 1} jobs of ${job.queue} with key '${job.key}' run at ${event.at} ms; perKey allows ${most}.`;
      return crowded(event, message, ...active.map(({ since }) => since));
    });
  },
};

const stuck = violationOf('heldForOthers');

export const heldForOthers: Invariant = {
  ...durable,
  name: 'heldForOthers',
  description: 'A job is held back only while another of its key is not over.',
  begin() {
    const jobs = new JobBook();
    return {
      onEvent(event) {
        if (event.type !== 'job-kept') return undefined;
        jobs.take(event);
        const job = jobs.get(event.id);
        if (!job || event.did !== 'found' || event.state !== 'held') return undefined;
        const [other] = beside(jobs, job);
        if (other) return undefined;
        const message = `The ${job.name} is held back at ${event.at} ms, and no other with key '${job.key}' is left.`;
        return stuck(event, message, job.since);
      },
    };
  },
};

const fast = violationOf('withinRate');

export const withinRate: Invariant = {
  ...durable,
  name: 'withinRate',
  description: 'Never more jobs of a queue begin in a time than its rateLimit allows.',
  begin(tree) {
    const queues = queuesOf(tree);
    const claims = new Map<string, Claimed[]>();
    return {
      onEvent(event) {
        if (event.type !== 'job-kept' || event.did !== 'claimed') return undefined;
        const rate = queues.get(event.queue)?.rateLimit;
        if (!rate) return undefined;
        // A clock that is set back makes nothing of long ago recent, nor waits for what lies ahead.
        const recent = (claims.get(event.queue) ?? []).filter(
          ({ now, at }) => Math.abs(event.now - now) < rate.perMs && at > event.at - rate.perMs,
        );
        const within = [...recent, event];
        claims.set(event.queue, within);
        if (within.length <= rate.max) return undefined;
        const message = `${within.length} jobs of ${event.queue} begin within ${rate.perMs} ms at ${event.at} ms; ${rate.max} may.`;
        return fast(event, message, ...recent);
      },
    };
  },
};

const unpaused = violationOf('pausedIsQuiet');

export const pausedIsQuiet: Invariant = {
  ...durable,
  name: 'pausedIsQuiet',
  description: 'Of a queue that is paused nothing is claimed.',
  begin: () =>
    atClaims((jobs, job, event) => {
      const pause = jobs.pauseOf(job.queue);
      if (!pause) return undefined;
      const message = `The ${job.name} is claimed at ${event.at} ms; its queue is paused since ${pause.at} ms.`;
      return unpaused(event, message, pause);
    }),
};
