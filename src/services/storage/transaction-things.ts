import type { Enqueued, EnqueueOptions } from '../../define/jobs.ts';
import type { AnyQueue } from '../../define/queue.ts';
import type { Transaction } from '../../define/storage.ts';
import { addedHappening } from '../../jobs/add-jobs.ts';
import { clerkOf } from '../../jobs/facility.ts';
import { newJob } from '../../jobs/new-job.ts';
import type { LiveTransaction } from './live-transaction.ts';
import { StoredThings } from './stored-things.ts';

/** What the function of a transaction is given. */
export class TransactionThings extends StoredThings implements Transaction {
  readonly #transaction: LiveTransaction;

  constructor(transaction: LiveTransaction) {
    super(transaction);
    this.#transaction = transaction;
  }

  enqueue(queue: AnyQueue, payload?: unknown, options?: EnqueueOptions): Promise<Enqueued> {
    const added = this.#transaction.include(() => this.#add(queue, payload, options));
    // It fails the transaction: whoever did not await it hears of it there.
    added.catch(() => {});
    return added;
  }

  async #add(
    queue: AnyQueue,
    payload: unknown,
    options: EnqueueOptions | undefined,
  ): Promise<Enqueued> {
    const transaction = this.#transaction;
    const { scope } = transaction.access;
    transaction.assertOpen('enqueue');
    const job = await newJob(clerkOf(scope), queue, payload, options);
    const step = ['jobs.add', { now: Math.floor(transaction.now()), jobs: [job] }] as const;
    const [added = { id: job.id, isNew: true }] =
      job.idempotencyKey === null ? [] : await transaction.call(step);
    if (job.idempotencyKey === null) await transaction.write(step);
    const { id, isNew } = added;
    if (isNew) transaction.onCommit(() => scope.record(addedHappening({ ...job, id })));
    return { id, isNew };
  }
}
