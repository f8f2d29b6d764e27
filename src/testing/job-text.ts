import type { HandlerNote, JobNote } from './job-notes.ts';

/** What became of a job, in words that follow a path. */
export function jobText(event: JobNote | HandlerNote): string {
  if (event.type === 'job-handler') return handlerText(event);
  const { did, queue, id } = event;
  const what = `job ${id} of ${queue}`;
  switch (did) {
    case 'added':
      return `stores that ${what} is added`;
    case 'claimed':
      return `stores that ${what} is claimed: attempt ${event.attempt}, fence ${event.fence}, for ${event.leaseUntil - event.now} ms`;
    case 'renewed':
      return `stores that the lease on ${what} lasts ${event.leaseUntil - event.now} ms more`;
    case 'settled':
      return event.state === null
        ? `wants to store that ${what} is ${event.outcome}; its claim ${event.fence} is not current`
        : `stores that ${what} is ${event.state} (${event.outcome}, claim ${event.fence})`;
    case 'lost':
      return `has lost ${what} to its lease: it is ${event.state}`;
    case 'cancelled':
      return `stores that ${what} is ${event.isRunning ? 'to be ' : ''}cancelled`;
    case 'redriven':
      return `stores that ${what} is to be tried again`;
    case 'discarded':
      return `stores that ${what} is forgotten, where it is dead`;
    case 'paused':
    case 'resumed':
      return `stores that the queue ${queue} is ${did}`;
    case 'found':
      return `is over, and ${what} is ${event.state ?? 'not there'}`;
  }
}

function handlerText({ did, queue, id, attempt }: HandlerNote): string {
  const what = `the handler of job ${id} of ${queue} (attempt ${attempt})`;
  return did === 'begun' ? `calls ${what}` : `sees that ${what} ${did}`;
}
