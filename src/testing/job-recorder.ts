import type { ArgsOf, ResultOf, Step } from '../services/engine/engine.ts';
import type { ClaimRef, NewJob } from '../services/engine/job-rows.ts';
import type { JobNote } from './job-notes.ts';

/** What a recorder knows of a job. */
interface Known {
  readonly queue: string;
  readonly id: string;
  /** Who has claimed it. */
  holder: string | undefined;
  fence: number;
  isActive: boolean;
}

type Note = (note: JobNote, path?: string) => void;

/** Puts on record what the operations of a request have done to jobs. */
export class JobRecorder {
  readonly #note: Note;
  readonly #jobs = new Map<string, Known>();
  /** The one that was added last. */
  latest: NewJob | undefined;
  /** The latest time of day at which somebody has added or claimed. */
  lastAt = 0;

  constructor(stage: { note: Note }) {
    this.#note = (note, path) => stage.note(note, path);
  }

  /** Jobs that may be there. */
  get known(): readonly Known[] {
    return [...this.#jobs.values()];
  }

  /** The claims that are current, the oldest first. */
  get active(): readonly ClaimRef[] {
    const active = this.known.filter(({ isActive }) => isActive);
    return active.map(({ id, fence }) => ({ id, fence }));
  }

  /** @param results of the steps, in their order; the request has counted */
  record(steps: readonly Step[], results: readonly unknown[]): void {
    const writes = steps.filter(([name]) => written.has(name)).length;
    for (const [index, [name, args]] of steps.entries()) {
      const result = results[index];
      switch (name) {
        case 'jobs.add':
          this.#added(args, result as ResultOf<'jobs.add'>);
          break;
        case 'jobs.claim':
          this.#claimed(args, result as ResultOf<'jobs.claim'>);
          break;
        case 'jobs.renew':
          this.#renewed(args, result as ResultOf<'jobs.renew'>);
          break;
        case 'jobs.settle':
          this.#settled(args, result as ResultOf<'jobs.settle'>, writes);
          break;
        case 'jobs.cancel':
          this.#cancelled(args, result as ResultOf<'jobs.cancel'>);
          break;
        case 'jobs.redrive':
          for (const id of result as ResultOf<'jobs.redrive'>) {
            const { queue, now } = args;
            this.#note({ type: 'job-kept', did: 'redriven', queue, id, now });
          }
          break;
        case 'jobs.discard':
          for (const id of args.ids) {
            this.#note({ type: 'job-kept', did: 'discarded', queue: args.queue, id });
          }
          break;
        case 'queues.pause': {
          const did = args.isPaused ? 'paused' : 'resumed';
          this.#note({ type: 'job-kept', did, queue: args.queue, id: '' });
          break;
        }
        default:
      }
    }
  }

  #added({ now, jobs }: ArgsOf<'jobs.add'>, added: ResultOf<'jobs.add'>): void {
    this.lastAt = Math.max(this.lastAt, now);
    for (const [index, job] of jobs.entries()) {
      if (!added[index]?.isNew) continue;
      const { id, queue, key, maxAttempts } = job;
      this.#jobs.set(id, { queue, id, holder: undefined, fence: 0, isActive: false });
      this.latest = job;
      this.#note({ type: 'job-kept', did: 'added', queue, id, now, key, maxAttempts });
    }
  }

  #claimed(
    { queue, now, leaseMs, holder: text, keepDeadMs: keepMs }: ArgsOf<'jobs.claim'>,
    { jobs, lost }: ResultOf<'jobs.claim'>,
  ): void {
    const holder = text.split(' ').at(-1);
    this.lastAt = Math.max(this.lastAt, now);
    for (const { id, attempt, state } of lost) {
      const job = this.#jobs.get(id);
      if (job) job.isActive = false;
      const note = { type: 'job-kept', did: 'lost', queue, id, now, attempt, state } as const;
      this.#note({ ...note, keepMs }, job?.holder);
    }
    for (const { id, attempt, fence } of jobs) {
      const job = this.#jobs.get(id);
      if (job) Object.assign(job, { holder, fence, isActive: true });
      const leaseUntil = now + leaseMs;
      const note = { type: 'job-kept', did: 'claimed', queue, id, now, attempt } as const;
      this.#note({ ...note, fence, leaseUntil }, holder);
    }
  }

  #renewed(
    { now, leaseMs, claims }: ArgsOf<'jobs.renew'>,
    standings: ResultOf<'jobs.renew'>,
  ): void {
    for (const [index, { id, fence }] of claims.entries()) {
      const job = this.#jobs.get(id);
      if (!job || standings[index] === 'gone') continue;
      const note = { type: 'job-kept', did: 'renewed', queue: job.queue, id, now, fence } as const;
      this.#note({ ...note, leaseUntil: now + leaseMs }, job.holder);
    }
  }

  #settled(
    { now, queue, id, fence, settlement, keepMs }: ArgsOf<'jobs.settle'>,
    state: ResultOf<'jobs.settle'>,
    writes: number,
  ): void {
    const job = this.#jobs.get(id);
    if (job && state !== null) job.isActive = false;
    const { type: outcome } = settlement;
    this.#note(
      { type: 'job-kept', did: 'settled', queue, id, now, fence, outcome, state, writes, keepMs },
      job?.holder,
    );
  }

  #cancelled(
    { now, queue, id, keepMs }: ArgsOf<'jobs.cancel'>,
    answer: ResultOf<'jobs.cancel'>,
  ): void {
    if (answer !== 'cancelled' && answer !== 'cancelling') return;
    const isRunning = answer === 'cancelling';
    this.#note({ type: 'job-kept', did: 'cancelled', queue, id, now, isRunning, keepMs });
  }
}

const written: ReadonlySet<string> = new Set<Step[0]>([
  'entries.set',
  'entries.delete',
  'entries.clear',
]);
