import type { QueueSpec } from '../define/queue.ts';
import { isThenable } from '../define/show.ts';
import { threwNothing } from '../kernel/failures.ts';
import { jobPayloadError } from './errors.ts';
import type { AnyJob } from './job.ts';
import type { JobLife } from './job-life.ts';
import { LiveJob } from './live-job.ts';
import { payloadOf } from './new-job.ts';
import { issuesOf, verdictOf } from './payload.ts';

/** What a worker was given to call, as it is now. */
export type Work = (given: unknown) => unknown;

/** The places of a worker, and who calls its handler. */
export interface Places {
  /** How many more jobs could begin. */
  readonly free: number;
  /** It was claimed, and takes a place. */
  take(life: JobLife): void;
  /** Looks at its payload, and begins it when it is its turn. */
  admit(life: JobLife): void;
  /** It has begun: its handler is to be called. */
  call(life: JobLife): void;
  /** It needs its place no longer. */
  leave(life: JobLife): void;
  /** Nothing more will come: what waits for others waits no longer. */
  close(): void;
  /** Calls back whenever there may be a free place although no job has left one. */
  watch?(freed: () => void): () => void;
}

/** Each job has a place of its own. */
export class SinglePlaces implements Places {
  readonly #concurrency: number;
  readonly #spec: QueueSpec;
  readonly #work: () => Work;
  #taken = 0;

  constructor(concurrency: number, spec: QueueSpec, work: () => Work) {
    this.#concurrency = concurrency;
    this.#spec = spec;
    this.#work = work;
  }

  get free(): number {
    return Math.max(0, this.#concurrency - this.#taken);
  }

  take(): void {
    this.#taken++;
  }

  leave(): void {
    this.#taken--;
  }

  admit(life: JobLife): void {
    const job = prepared(life, this.#spec);
    if (isThenable(job)) void job.then((late) => this.#begin(life, late));
    else this.#begin(life, job);
  }

  close(): void {}

  #begin(life: JobLife, job: AnyJob | undefined): void {
    if (job) life.begin();
  }

  call(life: JobLife): void {
    callSafely(
      life,
      () => life.trace(() => this.#work()(life.errand?.job)),
      (result) => life.returned(result),
      (error) => failed(life, error),
    );
  }
}

/** The job as its handler is given it; undefined: it ends before it has begun, and that is told. */
export function prepared(
  life: JobLife,
  { payload: schema }: QueueSpec,
): AnyJob | undefined | Promise<AnyJob | undefined> {
  const payload = payloadOf(life.claim.payload);
  if (!schema) return staged(life, payload);
  const verdict = verdictOf(schema, payload);
  return isThenable(verdict)
    ? verdict.then((late) => accepted(life, late))
    : accepted(life, verdict);
}

function accepted(
  life: JobLife,
  verdict: Awaited<ReturnType<typeof verdictOf>>,
): AnyJob | undefined {
  if (!verdict.issues) return staged(life, verdict.value);
  const { path, queue } = life.facts;
  const hint =
    'It was added under another schema, or changed by hand. Let the schema accept the old form too, and redrive the job.';
  life.threw(jobPayloadError(path, queue, issuesOf(verdict.issues), hint), 'invalid-payload');
  return undefined;
}

function staged(life: JobLife, payload: unknown): AnyJob {
  const job = new LiveJob(life, payload) as unknown as AnyJob;
  life.errand = {
    job,
    workspaceId: life.claim.workspaceId ?? undefined,
    get isOver() {
      return life.life.isOver;
    },
  };
  return job;
}

/** Calls code of the user's: a throw and a rejection are the same. */
export function callSafely(
  blame: { attribute<Result>(call: () => Result): Result },
  work: () => unknown,
  returned: (result: unknown) => void,
  threw: (error: unknown) => void,
): void {
  let result: unknown;
  let isPromise: boolean;
  try {
    result = blame.attribute(work);
    isPromise = isThenable(result);
  } catch (error) {
    return threw(error);
  }
  if (isPromise) Promise.resolve(result).then(returned, threw);
  else returned(result);
}

export function failed(life: JobLife, thrown: unknown): void {
  life.threw(thrown === undefined ? threwNothing('handler') : thrown);
}
