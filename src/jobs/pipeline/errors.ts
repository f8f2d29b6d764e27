import { formatDuration } from '../../../actors/rules/duration.ts';
import { DarumaError } from '../../errors.ts';

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
