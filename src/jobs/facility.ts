import type { Jobs, JobTrigger } from '../define/jobs.ts';
import type { BatterySpec, ItemSpec } from '../define/spec.ts';
import type { Facility } from '../kernel/facilities.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Scope } from '../kernel/scope.ts';
import { Outsider, type Party, partyOf } from '../services/bus/party.ts';
import type { Engine } from '../services/engine/engine.ts';
import { batteryKind as scheduleKind } from '../services/schedules/policy.ts';
import type { StorageFacility } from '../services/storage/facility.ts';
import { LiveJobs } from './live-jobs.ts';
import { type Clerk, clerkAt } from './new-job.ts';
import { batteryKind as pipelineKind } from './pipeline/read-pipeline.ts';
import { QueueBook } from './queue-book.ts';
import { Roster } from './roster.ts';
import { Waiters } from './waiters.ts';

/** What all parts of durable jobs in a system share. */
export interface JobOffice {
  readonly kernel: Kernel;
  readonly queues: QueueBook;
  /** The jobs that run in this system. */
  readonly roster: Roster;
  readonly waiters: Waiters;
  readonly maxValueBytes: number;
  /** @param path of whoever asks */
  engine(path: string): Engine;
}

/** The durable jobs of a system: what `ctx.jobs` and `system.jobs` are parts of. */
export class JobsFacility implements Facility {
  readonly office: JobOffice;
  #outside: { readonly party: Outsider; readonly jobs: Jobs } | undefined;
  #isClosed = false;

  constructor(kernel: Kernel, storage: StorageFacility) {
    this.office = {
      kernel,
      queues: new QueueBook(),
      roster: new Roster(),
      waiters: new Waiters(kernel.clock),
      maxValueBytes: storage.maxValueBytes,
      engine: (path) => storage.engineOf(path),
    };
  }

  partOf(scope: Scope): Jobs {
    return this.#jobsOf(partyOf(scope), triggerOf(scope));
  }

  /** For code outside the tree. */
  forSystem(path: string): Jobs {
    if (this.#outside) return this.#outside.jobs;
    const party = new Outsider(this.office.kernel, path);
    const jobs = this.#jobsOf(party, 'enqueue');
    this.#outside = { party, jobs };
    if (this.#isClosed) party.end();
    return jobs;
  }

  /** Everybody in the tree is down; what the code outside still waits for is called off. */
  close(): undefined {
    this.#isClosed = true;
    this.#outside?.party.end();
  }

  #jobsOf(party: Party, trigger: JobTrigger): Jobs {
    // The types of queues and payloads are those of the interface; here they are only passed on.
    return new LiveJobs(this.office, party, trigger) as Jobs;
  }
}

/** The jobs of the system that an incarnation lives in. */
export function officeOf({ kernel }: Pick<Scope, 'kernel'>): JobOffice {
  const { jobs } = kernel.facilities;
  if (!(jobs instanceof JobsFacility)) throw new Error('This system has no jobs.');
  return jobs.office;
}

/** In the name of a piece of work. */
export function clerkOf(scope: Scope): Clerk {
  return clerkAt(officeOf(scope), scope.path, triggerOf(scope));
}

/** What makes jobs at a place of the tree. All that happens in a pipeline is the pipeline's. */
function triggerOf({ kernel, path }: Scope): JobTrigger {
  const kinds: string[] = [];
  for (let node = kernel.tree.get(path); node; node = node.parent) {
    const kind = batteryOf(node.spec)?.kind;
    if (kind !== undefined) kinds.push(kind);
  }
  if (kinds.includes(pipelineKind)) return 'pipeline';
  return kinds[0] === scheduleKind ? 'schedule' : 'enqueue';
}

function batteryOf(spec: ItemSpec): BatterySpec | undefined {
  if (spec.kind === 'supervisor') return spec.battery;
  return spec.body.kind === 'hooks' ? spec.body.battery : undefined;
}
