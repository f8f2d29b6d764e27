import { formatDuration } from '../../../actors/rules/duration.ts';
import { DarumaError, NotRetryable } from '../../errors.ts';

/** The errors of pipelines, each with its numbers, usual cause and remedy. */

export function itemTimeoutError(path: string, id: string, timeoutMs: number): DarumaError {
  return new DarumaError(
    'DARUMA_ITEM_TIMEOUT',
    `${path} took longer than ${formatDuration(timeoutMs)}, its timeout, over item ${id}.`,
    { path, hint: "Raise 'timeout' if it is just slow, or pass ctx.signal to what it waits for." },
  );
}

export function bufferFullError(path: string, limit: number): DarumaError {
  return new DarumaError(
    'DARUMA_BUFFER_FULL',
    `${path} has a full buffer: ${limit} wait in it already, and its overflow is 'fail'.`,
    {
      path,
      hint: "It is too slow for what comes. Make it faster, raise 'concurrency' or 'buffer', or let it drop some: overflow: 'drop-oldest'.",
    },
  );
}

export function notASourceError(path: string, what: string): DarumaError {
  return new DarumaError(
    'DARUMA_NOT_A_SOURCE',
    `${path} is a producer whose source is ${what}; it must be an observable or an iterable.`,
    {
      path,
      hint: 'async function* (ctx) { yield item; }, or (ctx) => observable$. A list is fine too; text is not.',
    },
  );
}

/** Of a job whose item no handler is for: another attempt would find none either. */
export function unmatchedError(path: string, route: string | undefined): NotRetryable {
  const what = route === undefined ? '' : `, whose route is ${route}`;
  return new NotRetryable(`${path}: no handler is for this item${what}.`, {
    path,
    hint: 'Add a handler for it, or a fallback; then redrive the job.',
  });
}

/** Of a job whose item has not come to everybody, but through. */
export function droppedError(path: string): DarumaError {
  return new DarumaError(
    'DARUMA_BUFFER_FULL',
    `${path}: a consumer did not get what was made of this item, because its buffer was full.`,
    {
      path,
      hint: "Let handlers wait for that consumer, with overflow: 'wait', or raise its 'buffer'.",
    },
  );
}

export function staleItemError(path: string, id: string, what: string): DarumaError {
  return new DarumaError(
    'DARUMA_STALE_INCARNATION',
    `${path} is done with item ${id}; it may not call ctx.${what} any more.`,
    {
      path,
      hint: 'Usual cause: a promise or timer that outlived its call. Await it, or pass ctx.signal to it.',
    },
  );
}

export function threwNothing(): TypeError {
  return new TypeError('It threw undefined instead of an error.');
}
