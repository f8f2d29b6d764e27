import type { StandardSchemaV1 } from '@standard-schema/spec';
import { parseDuration } from '../../actors/rules/duration.ts';
import { didYouMean } from '../define/did-you-mean.ts';
import type { EnqueueOptions, JobTrigger } from '../define/jobs.ts';
import { type AnyQueue, isQueue } from '../define/queue.ts';
import { isPlain } from '../define/recorded.ts';
import { isThenable, show } from '../define/show.ts';
import type { Random } from '../kernel/random.ts';
import type { NewJob } from '../services/engine/job-rows.ts';
import { jsonFault } from '../services/storage/json.ts';
import { currentWorkspace } from './current-job.ts';
import { jobOptionError, jobPayloadError, jobTooLargeError, notAQueueError } from './errors.ts';
import { newJobId } from './job-id.ts';
import { issuesOf, type Verdict, verdictOf } from './payload.ts';
import type { QueueBook } from './queue-book.ts';

/** In whose name jobs are added. */
export interface Clerk {
  readonly path: string;
  readonly trigger: JobTrigger;
  readonly queues: QueueBook;
  readonly maxValueBytes: number;
  now(): number;
  readonly random: Random;
}

const known = ['priority', 'delay', 'at', 'key', 'idempotencyKey', 'workspaceId', 'maxAttempts'];
const longestName = 512;

/**
 * The job as it is stored. Whatever is wrong with it is found before anything is sent anywhere; at
 * once, unless the schema of its queue takes its time.
 */
export function newJob(
  clerk: Clerk,
  queue: AnyQueue,
  payload: unknown,
  options: EnqueueOptions = {},
): NewJob | Promise<NewJob> {
  checkQueue(clerk, queue);
  const text = payloadText(clerk, queue, payload);
  const now = clerk.now();
  const job: NewJob = {
    id: newJobId(now, clerk.random),
    queue: queue.name,
    payload: text,
    trigger: clerk.trigger,
    traceparent: null,
    ...readOptions(clerk, queue, options, now),
  };
  if (!queue.spec.payload) return job;
  const verdict = verdictOf(queue.spec.payload, payloadOf(text));
  if (isThenable(verdict)) return verdict.then((late) => accepted(clerk, queue, job, late));
  return accepted(clerk, queue, job, verdict);
}

export function checkQueue({ path, queues }: Clerk, queue: unknown): void {
  if (!isQueue(queue)) throw notAQueueError(path, queue);
  queues.meet(path, queue);
}

/** What was added, as it is read again: nothing at all was given where there is no text. */
export function payloadOf(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text);
}

function payloadText(clerk: Clerk, { name }: AnyQueue, payload: unknown): string {
  if (payload === undefined) return '';
  const fault = jsonFault(payload);
  if (fault) {
    const problem = `${fault.at} ${fault.problem}, which JSON cannot say`;
    const hint = 'Give what it is made of: date.toISOString(), [...map], String(bigint).';
    throw jobPayloadError(clerk.path, name, [problem], hint);
  }
  const text = JSON.stringify(payload);
  const bytes = Buffer.byteLength(text);
  if (bytes <= clerk.maxValueBytes) return text;
  throw jobTooLargeError(clerk.path, name, bytes, clerk.maxValueBytes);
}

function accepted(
  { path }: Clerk,
  { name }: AnyQueue,
  job: NewJob,
  verdict: Verdict<StandardSchemaV1>,
): NewJob {
  if (!verdict.issues) return job;
  const hint = 'The schema of the queue refuses it; nothing was added.';
  throw jobPayloadError(path, name, issuesOf(verdict.issues), hint);
}

type Refuse = (problem: string, hint?: string) => never;

function readOptions({ path }: Clerk, queue: AnyQueue, options: EnqueueOptions, now: number) {
  const refuse: Refuse = (problem, hint) => {
    throw jobOptionError(path, queue.name, problem, hint);
  };
  if (!isPlain(options as unknown)) refuse(`its options are ${show(options)}; give an object.`);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const hint = didYouMean(unknown, known) ?? `Options: ${known.join(', ')}.`;
    return refuse(`there is no option ${unknown}.`, hint);
  }
  const { priority = 0, key, idempotencyKey, workspaceId = currentWorkspace() } = options;
  const { maxAttempts = queue.spec.maxAttempts } = options;
  if (!Number.isSafeInteger(priority)) {
    return refuse(`priority is ${show(priority)}; it must be a whole number.`);
  }
  if (!Number.isSafeInteger(maxAttempts) || maxAttempts < 1) {
    return refuse(`maxAttempts is ${show(maxAttempts)}; it must be a whole number, 1 or more.`);
  }
  for (const [name, value] of Object.entries({ key, idempotencyKey, workspaceId })) {
    if (value === undefined || value === null || isName(value)) continue;
    return refuse(`${name} is ${show(value)}; it must be text of 1 to ${longestName} characters.`);
  }
  return {
    priority,
    maxAttempts,
    key: key ?? null,
    idempotencyKey: idempotencyKey ?? null,
    workspaceId: workspaceId ?? null,
    dueAt: dueAt(options, now, refuse),
  };
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= longestName;
}

function dueAt({ delay, at }: EnqueueOptions, now: number, refuse: Refuse): number | null {
  if (delay !== undefined && at !== undefined) {
    return refuse('it has a delay and a moment.', 'Keep delay or at.');
  }
  if (delay !== undefined) {
    const ms = parseDuration(delay);
    if (ms === undefined) return refuse(`delay is ${show(delay)}; it must be a duration.`);
    return ms === 0 ? null : Math.ceil(now + ms);
  }
  if (at === undefined) return null;
  const moment = at instanceof Date ? at.getTime() : at;
  if (Number.isFinite(moment)) return Math.ceil(moment);
  return refuse(`at is ${show(at)}; it must be a Date, or milliseconds since the epoch.`);
}
