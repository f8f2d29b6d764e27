/** A queue of durable jobs that do nothing, as one of the contenders has it. */
export interface Broker extends AsyncDisposable {
  /** Resolves when it is kept, as safely as this contender keeps jobs. */
  enqueue(nth: number): Promise<unknown>;
  /** So many from that one on, in as few requests as it has for that. */
  enqueueMany(first: number, count: number): Promise<void>;
  /** Jobs are run from now on, so many at a time. */
  work(concurrency: number, handle: Handle): Promise<void>;
  /** How many are stored as completed. */
  completed(): Promise<number>;
}

/** What comes: some set things up differently for a flood and for a job now and then. */
export type Load = 'flood' | 'now and then';

/** Called when the handler of a job begins, which ends at once. */
export type Handle = (nth: number) => void;

export interface Payload {
  readonly nth: number;
  readonly text: string;
}

export const queueName = 'jobs';

/** About 100 bytes as JSON. */
export function payloadOf(nth: number): Payload {
  return { nth, text: 'x'.repeat(80) };
}

/** So many of one request, at most. */
const mostAtOnce = 1_000;

export async function inChunks(
  first: number,
  count: number,
  add: (payloads: readonly Payload[]) => Promise<unknown>,
): Promise<void> {
  const end = first + count;
  for (let from = first; from < end; from += mostAtOnce) {
    const length = Math.min(mostAtOnce, end - from);
    await add(Array.from({ length }, (_, index) => payloadOf(from + index)));
  }
}
