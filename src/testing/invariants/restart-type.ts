import type { Invariant, Violation } from '../invariant.ts';
import type { Book } from './book.ts';
import { mustBeDecided, OpenDecisions } from './decisions.ts';
import type { Of } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('restartTypeRespected');

/** Rule 4: the restart type alone says which ends are charged a restart. */
export const restartTypeRespected: Invariant = {
  name: 'restartTypeRespected',
  description:
    'Permanent always, transient after an abnormal end, temporary never: and an end that was asked for is not restarted.',
  kind: 'safety',
  needs: ['calls'],
  begin(tree, book) {
    const open = new OpenDecisions(tree, book);
    return {
      onEvent(event) {
        const forgotten = open.take(event);
        if (event.type === 'backoff') return wronglyRestarted(book, event);
        if (event.type === 'suspended') return wronglySuspended(book, event);
        if (event.type === 'dropped') return wronglyForgotten(book, event);
        const isEnd = event.type === 'ended' || event.type === 'unstopped';
        const isSpent = event.type === 'ended' && event.reason === 'RestartLimitExceeded';
        if (isEnd && !isSpent && mustBeDecided(book, book.place(event.path), event)) {
          open.open(event);
        }
        if (!forgotten) return undefined;
        const spec = book.spec(forgotten.path);
        return violation(
          forgotten,
          `${forgotten.path}, which is ${spec?.restart}, came down at ${forgotten.at} ms, and its supervisor neither restarts it nor gives up.`,
          book.place(forgotten.path).starting,
          book.place(forgotten.path).ready,
        );
      },
    };
  },
};

/** What ended by itself while its suspension was on its way has ended by itself. */
function wronglySuspended(book: Book, event: Of<'suspended'>): Violation | undefined {
  const { over, asked, starting } = book.place(event.path);
  if (asked || over?.type !== 'ended') return undefined;
  if (over.reason !== 'normal' && over.reason !== 'error') return undefined;
  return violation(
    event,
    `${event.path} ended '${over.reason}' at ${over.at} ms by itself, and is taken for suspended.`,
    starting,
    over,
  );
}

/** Only temporary children and those that come and go are forgotten, and who is removed by hand. */
function wronglyForgotten(book: Book, event: Of<'dropped'>): Violation | undefined {
  const { path } = event;
  const defined = book.tree.get(path);
  if (!defined?.parent || defined.spec.restart === 'temporary') return undefined;
  const place = book.place(path);
  // What is down for good may be removed by whoever likes.
  const isDown = ['stopped', 'failed'].includes(place.state) || place.isFinished;
  if (isDown || book.stopping || book.haltingAbove(path) || book.callAbout(path)) return undefined;
  return violation(
    event,
    `${path}, which is ${defined.spec.restart}, is forgotten at ${event.at} ms, and nobody has removed it.`,
    place.starting,
    place.over,
  );
}

function wronglyRestarted(book: Book, event: Of<'backoff'>): Violation | undefined {
  const place = book.place(event.path);
  const { over, asked } = place;
  const spec = book.spec(event.path);
  if (!spec) return undefined;
  if (asked) {
    return violation(
      event,
      `${event.path} was asked to stop at ${asked.at} ms, and is charged a restart for having stopped.`,
      asked,
      over,
    );
  }
  // What a start that failed has left may be declared unstopped in the end.
  const hasFailedToStart =
    over?.type === 'start-failed' || (over?.type === 'unstopped' && !place.ready);
  const isRetry = hasFailedToStart && spec.kind === 'service' && spec.firstStart === 'retry';
  if (spec.restart === 'temporary' && !isRetry) {
    return violation(event, `${event.path} is temporary, and is restarted.`, place.starting, over);
  }
  const isOrderly =
    over?.type === 'ended' && (over.reason === 'normal' || over.reason === 'shutdown');
  if (spec.restart !== 'transient' || !isOrderly) return undefined;
  return violation(
    event,
    `${event.path} is transient and ended '${over.reason}' at ${over.at} ms, and is restarted.`,
    place.starting,
    over,
  );
}
