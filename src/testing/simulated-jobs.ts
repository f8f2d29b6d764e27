import type { ArgsOf, Engine, FailureCode, ResultOf, Step } from '../services/engine/engine.ts';
import type { Claimed, ClaimRef, NewJob } from '../services/engine/job-rows.ts';
import type { JobNote } from './job-notes.ts';
import { JobRecorder } from './job-recorder.ts';

/** What simulated jobs take from their simulation. */
export interface JobStage {
  readonly now: number;
  note(note: JobNote, path?: string): void;
}

/** What a request meets. */
export interface RequestFault {
  readonly code: FailureCode;
  /** It is stored all the same, and nobody is told. */
  readonly isStored: boolean;
}

const outOfReach: RequestFault = { code: 'DARUMA_STORAGE_UNUSABLE', isStored: false };

/** The jobs of a simulated storage: what becomes of them goes on record, and faults strike them. */
export class SimulatedJobs {
  readonly #stage: JobStage;
  readonly #recorder: JobRecorder;
  readonly #lostAcks: RequestFault[] = [];
  #downUntil = 0;
  #noRenewalsUntil = 0;
  #lateUntil = 0;
  #lateMs = 0;
  #reorderedUntil = 0;
  #copies = 0;

  constructor(stage: JobStage) {
    this.#stage = stage;
    this.#recorder = new JobRecorder(stage);
  }

  // For faults.

  goDown(ms: number): void {
    this.#downUntil = Math.max(this.#downUntil, this.#stage.now + ms);
  }

  refuseRenewals(ms: number): void {
    this.#noRenewalsUntil = Math.max(this.#noRenewalsUntil, this.#stage.now + ms);
  }

  loseAcks(count: number, isStored: boolean): void {
    const fault: RequestFault = { code: 'DARUMA_STORAGE_LOST', isStored };
    for (let left = count; left > 0; left--) this.#lostAcks.push(fault);
  }

  delayClaims(ms: number, delayMs: number): void {
    this.#lateUntil = this.#stage.now + ms;
    this.#lateMs = delayMs;
  }

  reorderClaims(ms: number): void {
    this.#reorderedUntil = Math.max(this.#reorderedUntil, this.#stage.now + ms);
  }

  /** The request that ends the leases of so many running jobs, those of the longest running first. */
  endLeases(count: number, now: number): Step | undefined {
    const claims: readonly ClaimRef[] = this.#recorder.active.slice(0, count);
    return claims.length > 0 ? ['jobs.renew', { now, leaseMs: 0, claims }] : undefined;
  }

  /** The requests that have the dead jobs of every queue tried again. */
  redriveAll(now: number): Step[] {
    const queues = new Set(this.#recorder.known.map(({ queue }) => queue));
    return [...queues].map((queue) => ['jobs.redrive', { now, queue, ids: null, limit: 1_000 }]);
  }

  /** The request that adds the latest job so many times more. */
  addAgain(count: number, now: number): Step | undefined {
    const { latest } = this.#recorder;
    if (!latest) return undefined;
    const jobs = Array.from({ length: count }, (): NewJob => {
      const id = `${latest.id}-${++this.#copies}`;
      return { ...latest, id, idempotencyKey: null };
    });
    return ['jobs.add', { now, jobs }];
  }

  // For the storage.

  /** What a request meets; undefined: nothing. */
  faultOf(steps: readonly Step[]): RequestFault | undefined {
    const has = (name: string) => steps.some(([each]) => each === name);
    const { now } = this.#stage;
    if (now < this.#downUntil && steps.some(([name]) => isOfJobs(name))) return outOfReach;
    if (now < this.#noRenewalsUntil && has('jobs.renew')) return outOfReach;
    return has('jobs.settle') ? this.#lostAcks.shift() : undefined;
  }

  /** Milliseconds that the answer to a request takes longer. */
  answerDelayMs(steps: readonly Step[]): number {
    const isLate = this.#stage.now < this.#lateUntil;
    return isLate && steps.some(([name]) => name === 'jobs.claim') ? this.#lateMs : 0;
  }

  /** What is answered: the same, in an order that nobody was promised. */
  answered(steps: readonly Step[], results: readonly unknown[]): readonly unknown[] {
    if (this.#stage.now >= this.#reorderedUntil) return results;
    return steps.map(([name], index) => {
      const result = results[index];
      if (name !== 'jobs.claim') return result;
      const answer = result as ResultOf<'jobs.claim'>;
      return { ...answer, jobs: reordered(answer.jobs) };
    });
  }

  record(steps: readonly Step[], results: readonly unknown[]): void {
    this.#recorder.record(steps, results);
  }

  /** Looks up all jobs that may be there, and puts on record what is. */
  async lookUp(engine: Engine): Promise<void> {
    const known = this.#recorder.known.map(({ queue, id }) => ({ queue, id }));
    if (known.length === 0) return;
    const steps = known.map((args: ArgsOf<'jobs.get'>) => ['jobs.get', args] as const);
    const rows = await engine.submit(steps);
    for (const [index, { queue, id }] of known.entries()) {
      const row = rows[index] ?? null;
      this.#stage.note({
        type: 'job-kept',
        did: 'found',
        queue,
        id,
        now: this.#recorder.lastAt,
        state: row?.state ?? null,
        attempt: row?.attempt ?? 0,
        reason: row?.reason ?? null,
        hasError: typeof row?.error === 'string',
      });
    }
  }
}

function isOfJobs(name: Step[0]): boolean {
  return name.startsWith('jobs.') || name.startsWith('queues.');
}

/** The other way round, among those of one priority. */
function reordered(jobs: readonly Claimed[]): Claimed[] {
  return jobs.toReversed().sort((one, other) => other.priority - one.priority);
}
