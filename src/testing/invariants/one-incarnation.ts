import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import type { Of } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('oneIncarnation');

/** Design 2.1. Bodies are looked at where the trace tells of them. */
export const oneIncarnation: Invariant = {
  name: 'oneIncarnation',
  description:
    'A new incarnation starts only when the old one and everything below it is over or abandoned.',
  kind: 'safety',
  begin(_tree, book) {
    /** Bodies that run and that nobody has abandoned. */
    const running = new Map<string, TraceEvent>();
    return {
      onEvent(event) {
        const body = running.get(event.path);
        const isOfBody = body?.incarnation === event.incarnation;
        switch (event.type) {
          case 'body-begun':
            running.set(event.path, event);
            return body && besideAnother(event, body);
          case 'body-over':
          case 'unstopped':
            if (isOfBody) running.delete(event.path);
            return undefined;
          case 'ended':
            running.delete(event.path);
            return body && isOfBody && event.reason !== 'killed' && !book.cutOff
              ? overTooEarly(event, body)
              : undefined;
          case 'starting':
            if (isCutOff(book, event.path)) running.delete(event.path);
            return startsTooEarly(book, event);
          default:
            return undefined;
        }
      },
    };
  },
};

/** The failed attempt of a brutal child, which ends without another word: it is not waited for. */
function isCutOff(book: Book, path: string): boolean {
  const spec = book.spec(path);
  const isBrutal = spec?.kind === 'service' && spec.stopWithinMs === 'brutal';
  return isBrutal && book.place(path).over?.type === 'start-failed';
}

function besideAnother(event: TraceEvent, body: TraceEvent): Violation {
  return violation(
    event,
    `The body of ${event.path}#${event.incarnation} begins at ${event.at} ms while that of #${body.incarnation} still runs.`,
    body,
  );
}

function overTooEarly(event: TraceEvent, body: TraceEvent): Violation {
  return violation(
    event,
    `${event.path}#${event.incarnation} is reported as ended at ${event.at} ms while its body still runs.`,
    body,
  );
}

function startsTooEarly(book: Book, event: Of<'starting'>): Violation | undefined {
  const place = book.place(event.path);
  if (place.isUp) {
    return violation(
      event,
      `${place.path}#${event.incarnation} starts at ${event.at} ms while #${place.incarnation} is ${place.state}.`,
      place.starting,
      place.asked,
    );
  }
  // What an abandoned incarnation leaves below it is abandoned with it.
  if (place.over?.type === 'unstopped') return undefined;
  for (const child of book.childrenOf(place.path)) {
    const below = book.place(child);
    if (!below.isUp) continue;
    return violation(
      event,
      `${place.path}#${event.incarnation} starts at ${event.at} ms while ${child}#${below.incarnation} below it is ${below.state}.`,
      below.starting,
      place.over,
    );
  }
  return undefined;
}
