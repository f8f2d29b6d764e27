import type { QueueSpec } from '../../define/queue.ts';
import { isThenable } from '../../define/show.ts';
import { callSafely, failed, type Places, prepared } from '../handlers.ts';
import type { AnyJob } from '../job.ts';
import type { JobLife } from '../job-life.ts';
import type { Undo } from './admission.ts';
import { droppedError, unmatchedError } from './errors.ts';
import type { Intake } from './intake.ts';
import type { ItemOutcome } from './item.ts';

/**
 * The places of a producer whose items are jobs: one for each job, as long as there is one for its
 * item.
 *
 * 1. No more is claimed than the pipeline had room for. Where others took the room in the meantime,
 *    the job waits for it.
 * 2. A job is over when its item is, or when somebody ends it first: then its item goes on alone.
 * 3. When the producer is stopped, its items may go through as long as items may; then their jobs are
 *    given back.
 */
export class Gateway implements Places {
  readonly #intake: Intake;
  readonly #concurrency: number;
  readonly #spec: QueueSpec;
  readonly #jobs = new WeakMap<JobLife, AnyJob>();
  /** Claimed, and not put in yet. */
  readonly #coming = new Set<JobLife>();
  #taken = 0;

  constructor(intake: Intake, concurrency: number, spec: QueueSpec) {
    this.#intake = intake;
    this.#concurrency = concurrency;
    this.#spec = spec;
  }

  get free(): number {
    const room = this.#intake.flow.admission.free - this.#coming.size;
    return Math.max(0, Math.min(room, this.#concurrency - this.#taken));
  }

  watch(freed: () => void): () => void {
    return this.#intake.flow.admission.watch(freed);
  }

  take(life: JobLife): void {
    this.#taken++;
    this.#coming.add(life);
  }

  leave(life: JobLife): void {
    this.#taken--;
    this.#coming.delete(life);
  }

  admit(life: JobLife): void {
    const job = prepared(life, this.#spec);
    if (isThenable(job)) void job.then((late) => this.#begin(life, late));
    else this.#begin(life, job);
  }

  close(): void {}

  call(life: JobLife): void {
    callSafely(
      life,
      () => life.trace(() => this.#pass(life)),
      () => life.returned(undefined),
      (error) => failed(life, error),
    );
  }

  #begin(life: JobLife, job: AnyJob | undefined): void {
    if (!job) return;
    this.#jobs.set(life, job);
    life.begin();
  }

  /** Puts it in when there is room, and resolves when it is through. */
  #pass(life: JobLife): Promise<void> {
    const intake = this.#intake;
    const { life: lifeline } = life;
    return new Promise((resolve, reject) => {
      let isIn = false;
      let undo: Undo = () => {};
      const giveUp = () => {
        undo();
        // Now it obeys; to have watched all along would make a result of that as well.
        lifeline.watch();
        reject(lifeline.reason);
      };
      // It ended before it was called.
      if (lifeline.reason) return giveUp();
      undo = intake.flow.admission.take(() => {
        isIn = true;
        this.#coming.delete(life);
        this.#put(life, (outcome) => {
          if (outcome.status === 'handled') resolve();
          else if (outcome.status === 'lost') giveUp();
          else reject(errorOf(outcome, intake.backstage.path));
        });
      });
      lifeline.whenCancelled(() => {
        if (!isIn || !intake.backstage.isCancelled) return giveUp();
        // It is stopped: it has what all of its items have.
        void intake.through().then((isThrough) => {
          if (!isThrough) giveUp();
        });
      });
    });
  }

  #put(life: JobLife, onOver: (outcome: ItemOutcome) => void): void {
    const { id, queue, attempt, workspaceId, payload } = this.#jobs.get(life) as AnyJob;
    this.#intake.put(payload, { job: { id, queue, attempt, workspaceId }, onOver });
  }
}

/** Why a job has failed whose item is over, and not handled. */
function errorOf({ status, errors, item }: ItemOutcome, path: string): unknown {
  if (status === 'unmatched') return unmatchedError(path, item.route);
  // What goes wrong first decides whether it is tried again.
  return status === 'dropped' ? droppedError(path) : errors[0];
}
