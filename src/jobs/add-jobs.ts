import type { Enqueued, EnqueueOptions } from '../define/jobs.ts';
import type { AnyQueue } from '../define/queue.ts';
import { isThenable } from '../define/show.ts';
import type { Happening } from '../events.ts';
import type { Added, NewJob } from '../services/engine/job-rows.ts';
import { newJobId } from './job-id.ts';
import { type Clerk, newJob } from './new-job.ts';

/** A job that is to be added. */
export interface Addition {
  readonly payload: unknown;
  readonly options: EnqueueOptions | undefined;
}

type AddStep = readonly ['jobs.add', { readonly now: number; readonly jobs: readonly NewJob[] }];

/** How jobs reach the storage, and what happens as soon as they are there. */
export interface Intake {
  /** @param onStored called before anybody else can know of them */
  submit(step: AddStep, onStored: (added: readonly Added[]) => void): Promise<readonly Added[]>;
  record(happening: Happening): void;
}

/** Adds all or none, and tells of those that are new. */
export async function addJobs(
  clerk: Clerk,
  intake: Intake,
  queue: AnyQueue,
  additions: readonly Addition[],
): Promise<Enqueued[]> {
  const checked = additions.map(({ payload, options }) => newJob(clerk, queue, payload, options));
  const jobs = checked.some(isThenable) ? await Promise.all(checked) : (checked as NewJob[]);
  return await store(clerk, intake, jobs);
}

export function addedHappening({ queue, id, workspaceId }: NewJob): Happening {
  const whom = workspaceId === null ? {} : { workspaceId };
  return { type: 'job', queue, id, status: 'added', attempt: 0, ...whom };
}

/** A job whose id happens to be taken gets another: it is a job of its own all the same. */
async function store(clerk: Clerk, intake: Intake, jobs: readonly NewJob[]): Promise<Enqueued[]> {
  if (jobs.length === 0) return [];
  const tell = (added: readonly Added[]) => {
    for (const [index, job] of jobs.entries()) {
      if (added[index]?.isNew) intake.record(addedHappening(job));
    }
  };
  const step = ['jobs.add', { now: Math.floor(clerk.now()), jobs }] as const;
  const added = [...(await intake.submit(step, tell))];
  const taken = jobs.filter((job, index) => !added[index]?.isNew && job.idempotencyKey === null);
  if (taken.length === 0) return added;
  const renamed = taken.map((job) => ({ ...job, id: newJobId(clerk.now(), clerk.random) }));
  const others = await store(clerk, intake, renamed);
  return added.map((one, index) => {
    const at = taken.indexOf(jobs[index] as NewJob);
    return at === -1 ? one : (others[at] as Enqueued);
  });
}
