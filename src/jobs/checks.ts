import type { JobListOptions, JobState, RedriveOptions } from '../define/jobs.ts';
import { isQueue } from '../define/queue.ts';
import { isPlain } from '../define/recorded.ts';
import { oneOf, show } from '../define/show.ts';
import { DarumaError } from '../errors.ts';
import { notAQueueError } from './errors.ts';

/** What is wrong with what `ctx.jobs` is asked is found before anything is sent anywhere. */

const states: readonly JobState[] = [
  'scheduled',
  'ready',
  'held',
  'active',
  'completed',
  'dead',
  'cancelled',
];

export function checkedQueueName(path: string, queue: unknown): string {
  if (isQueue(queue)) return queue.name;
  if (typeof queue === 'string' && queue !== '') return queue;
  throw notAQueueError(path, queue);
}

export function checkedState(path: string, state: unknown): JobState {
  const found = states.find((known) => known === state);
  if (found) return found;
  throw fault(path, `the state is ${show(state)}; it must be ${oneOf(states)}.`);
}

export function checkedList(path: string, { limit = 100, offset = 0 }: JobListOptions) {
  return {
    limit: checkedCount(path, 'limit', limit, 1, 1_000),
    offset: checkedCount(path, 'offset', offset, 0, Number.MAX_SAFE_INTEGER),
  };
}

export function checkedRedrive(path: string, options: RedriveOptions) {
  if (!isPlain(options)) {
    throw fault(path, `redrive() was given ${show(options)}; { ids } or { limit } is expected.`);
  }
  const { ids, limit = 1_000 } = options;
  return {
    ids: ids === undefined ? null : checkedIds(path, ids),
    limit: checkedCount(path, 'limit', limit, 1, 10_000),
  };
}

export function checkedIds(path: string, ids: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(ids) ? ids : [ids];
  if (list.every((id) => typeof id === 'string')) return list;
  throw fault(path, 'ids must be the ids of jobs, as text.');
}

function checkedCount(path: string, name: string, value: unknown, min: number, max: number) {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  const upTo = max === Number.MAX_SAFE_INTEGER ? `, ${min} or more` : ` from ${min} to ${max}`;
  throw fault(path, `${name} is ${show(value)}; it must be a whole number${upTo}.`);
}

function fault(path: string, message: string): DarumaError {
  return new DarumaError('DARUMA_INVALID_OPTION', `${path}: ${message}`, { path });
}
