/** A queue of durable jobs that do nothing, as one of the contenders has it. */
export interface Broker extends AsyncDisposable {
  /** Resolves when it is kept, as safely as this contender keeps jobs. */
  enqueue(nth: number): Promise<unknown>;
  /** In as few requests as it has for that. */
  enqueueMany(count: number): Promise<void>;
  /** Jobs are run from now on, so many at a time. */
  work(concurrency: number, handle: Handle): Promise<void>;
  /** How many are stored as completed. */
  completed(): Promise<number>;
}

/** Called when the handler of a job begins, which ends at once. */
export type Handle = (nth: number) => void;

export interface Payload {
  readonly nth: number;
}

export const queueName = 'jobs';

/** So many of one request, at most. */
const mostAtOnce = 1_000;

export async function inChunks(
  count: number,
  add: (payloads: readonly Payload[]) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < count; from += mostAtOnce) {
    const length = Math.min(mostAtOnce, count - from);
    await add(Array.from({ length }, (_, index) => ({ nth: from + index })));
  }
}
