import type {
  CancelResult,
  Enqueued,
  EnqueueOptions,
  JobListOptions,
  JobOutcome,
  JobState,
  JobTrigger,
  JobView,
  JobWaitOptions,
  NewJobOptions,
  QueueCounts,
  RedriveOptions,
} from '../define/jobs.ts';
import { type AnyQueue, isQueue } from '../define/queue.ts';
import { CancelledError } from '../errors.ts';
import { toMs } from '../kernel/durations.ts';
import type { Party } from '../services/bus/party.ts';
import type { ResultsOf, Step } from '../services/engine/engine.ts';
import { storageError } from '../services/storage/errors.ts';
import { type Addition, addJobs, type Intake } from './add-jobs.ts';
import {
  checkedIds,
  checkedList,
  checkedQueueName,
  checkedRedrive,
  checkedState,
} from './checks.ts';
import { jobWaitError, unknownJobError } from './errors.ts';
import type { JobOffice } from './facility.ts';
import { keepMsOf } from './keep.ts';
import type { Clerk } from './new-job.ts';
import { outcomeOf, viewOf } from './views.ts';

/** `ctx.jobs` of one incarnation, or of the code outside the tree. */
export class LiveJobs {
  readonly #office: JobOffice;
  readonly #party: Party;
  readonly #clerk: Clerk;

  constructor(office: JobOffice, party: Party, trigger: JobTrigger) {
    const { kernel, queues, maxValueBytes } = office;
    this.#office = office;
    this.#party = party;
    this.#clerk = {
      path: party.path,
      trigger,
      queues,
      maxValueBytes,
      now: () => kernel.clock.now(),
      random: kernel.random,
    };
  }

  async enqueue(queue: AnyQueue, payload?: unknown, options?: EnqueueOptions): Promise<Enqueued> {
    const [added] = await this.#add('enqueue', queue, [{ payload, options }]);
    return added as Enqueued;
  }

  async enqueueMany(
    queue: AnyQueue,
    jobs: readonly NewJobOptions<unknown>[],
    options: EnqueueOptions = {},
  ): Promise<Enqueued[]> {
    const additions = jobs.map(({ payload, ...own }) => ({
      payload,
      options: { ...options, ...own },
    }));
    return await this.#add('enqueueMany', queue, additions);
  }

  async get(queue: AnyQueue | string, id: string): Promise<JobView | undefined> {
    const [row] = await this.#submit('get', [['jobs.get', { queue: this.#nameOf(queue), id }]]);
    return row ? viewOf(row) : undefined;
  }

  wait(
    queue: AnyQueue | string,
    id: string,
    { within = '30s' }: JobWaitOptions = {},
  ): Promise<JobOutcome> {
    return new Promise((resolve, reject) => {
      this.#party.assertOpen('jobs.wait');
      const { path } = this.#party;
      const { clock } = this.#office.kernel;
      const name = this.#nameOf(queue);
      const withinMs = within === 'infinity' ? Number.POSITIVE_INFINITY : toMs(within);
      const undo: (() => void)[] = [];
      const settle = (call: () => void) => {
        for (const step of undo.splice(0)) step();
        call();
      };
      undo.push(
        this.#office.waiters.add(this.#engine, name, id, (row) => {
          const outcome = row && outcomeOf(row);
          if (outcome) settle(() => resolve(outcome));
          else settle(() => reject(unknownJobError(path, name, id)));
        }),
        this.#party.onEnd(() => settle(() => reject(this.#endReason()))),
      );
      if (!Number.isFinite(withinMs)) return;
      const late = () => settle(() => reject(jobWaitError(path, name, id, withinMs)));
      const timer = clock.setTimeout(late, withinMs);
      undo.push(() => clock.clearTimeout(timer));
    });
  }

  async cancel(queue: AnyQueue | string, id: string): Promise<CancelResult> {
    const name = this.#nameOf(queue);
    const keepMs = keepMsOf(this.#office.queues.get(name)?.spec, 'cancelled');
    const [row, answer] = await this.#submit('cancel', [
      ['jobs.get', { queue: name, id }],
      ['jobs.cancel', { now: this.#now, queue: name, id, keepMs }],
    ]);
    if (answer === 'cancelling') this.#office.roster.cancel(name, id);
    if (answer === 'cancelled') {
      this.#tell(name, id, { status: 'cancelled', attempt: row?.attempt ?? 0 });
    }
    return answer;
  }

  async pause(queue: AnyQueue | string): Promise<void> {
    const queueName = this.#nameOf(queue);
    await this.#submit('pause', [['queues.pause', { queue: queueName, isPaused: true }]]);
  }

  async resume(queue: AnyQueue | string): Promise<void> {
    const queueName = this.#nameOf(queue);
    await this.#submit('resume', [['queues.pause', { queue: queueName, isPaused: false }]]);
  }

  async counts(queue?: AnyQueue | string): Promise<QueueCounts | QueueCounts[] | undefined> {
    const name = queue === undefined ? null : this.#nameOf(queue);
    const [counts] = await this.#submit('counts', [
      ['jobs.counts', { now: this.#now, queue: name }],
    ]);
    return name === null ? counts : counts[0];
  }

  async list(
    queue: AnyQueue | string,
    state: JobState,
    options: JobListOptions = {},
  ): Promise<JobView[]> {
    const { path } = this.#party;
    const query = {
      queue: this.#nameOf(queue),
      state: checkedState(path, state),
      ...checkedList(path, options),
    };
    const [rows] = await this.#submit('list', [['jobs.list', query]]);
    return rows.map(viewOf);
  }

  async redrive(queue: AnyQueue | string, options: RedriveOptions = {}): Promise<string[]> {
    const query = {
      now: this.#now,
      queue: this.#nameOf(queue),
      ...checkedRedrive(this.#party.path, options),
    };
    const [ids] = await this.#submit('redrive', [['jobs.redrive', query]], ([driven]) => {
      for (const id of driven) this.#tell(query.queue, id, { status: 'added', attempt: 0 });
    });
    return ids;
  }

  async discard(queue: AnyQueue | string, ids: string | readonly string[]): Promise<number> {
    const query = { queue: this.#nameOf(queue), ids: checkedIds(this.#party.path, ids) };
    const [count] = await this.#submit('discard', [['jobs.discard', query]]);
    return count;
  }

  async #add(what: string, queue: AnyQueue, additions: readonly Addition[]): Promise<Enqueued[]> {
    this.#party.assertAlive(`jobs.${what}`);
    const intake: Intake = {
      submit: async (step, onStored) => {
        const [added] = await this.#submit(what, [step], ([stored]) => onStored(stored));
        return added;
      },
      record: (happening) => this.#party.record(happening),
    };
    return await addJobs(this.#clerk, intake, queue, additions);
  }

  #tell(queue: string, id: string, told: { status: 'added' | 'cancelled'; attempt: number }): void {
    this.#party.record({ type: 'job', queue, id, ...told });
  }

  get #engine() {
    return this.#office.engine(this.#party.path);
  }

  get #now(): number {
    return Math.floor(this.#clerk.now());
  }

  #nameOf(queue: AnyQueue | string): string {
    if (isQueue(queue)) this.#office.queues.meet(this.#party.path, queue);
    return checkedQueueName(this.#party.path, queue);
  }

  #endReason(): Error {
    return this.#party.endReason ?? new CancelledError(this.#party.path);
  }

  /**
   * @param onStored called at once, before whoever reads it can
   * @throws DarumaError
   */
  async #submit<const Steps extends readonly Step[]>(
    what: string,
    steps: Steps,
    onStored: (results: ResultsOf<Steps>) => void = () => {},
  ): Promise<ResultsOf<Steps>> {
    this.#party.assertAlive(`jobs.${what}`);
    try {
      return await this.#engine.submit(steps).then((results) => {
        onStored(results);
        return results;
      });
    } catch (error) {
      throw storageError(this.#party.path, error);
    }
  }
}
