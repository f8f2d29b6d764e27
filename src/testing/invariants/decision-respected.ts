import type { Invariant, Violation } from '../invariant.ts';
import type { TreeInfo } from '../tree-info.ts';
import type { Book } from './book.ts';
import type { Of } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('decisionRespected');

/**
 * Rule 4: what `decide` answers is done; one that throws has answered 'restart'. It is asked about the
 * failure that an incarnation ends of, and not about what happens on its way out.
 */
export const decisionRespected: Invariant = {
  name: 'decisionRespected',
  description: "A child is restarted, left down or escalated as its 'decide' says.",
  kind: 'safety',
  needs: ['bodies'],
  begin(tree, book) {
    return {
      onEvent(event) {
        if (event.type === 'hook') return askedTooLate(book, event);
        if (event.type === 'ended') return notAsked(tree, book, event);
        if (event.type === 'escalated') {
          const { decided, over } = book.place(event.culprit);
          const wanted = decided?.answer === 'escalate';
          // What is spawned, or added by a definition of its own, is asked unseen.
          const isSeen = decided || (event.isDecided && tree.get(event.culprit));
          if (wanted === event.isDecided || !isSeen) return undefined;
          return violation(
            event,
            `${event.path} gives up at ${event.at} ms ${event.isDecided ? 'because' : 'although not because'} ${event.culprit} decided so; its decide said '${decided?.answer ?? 'nothing'}'.`,
            decided,
            over,
          );
        }
        if (event.type !== 'backoff' && event.type !== 'failed') return undefined;
        const { decided, over } = book.place(event.path);
        const answer = decided?.answer;
        if (answer !== 'stop' && answer !== 'escalate') return undefined;
        return violation(
          event,
          `The decide of ${event.path} said '${answer}' at ${decided?.at} ms, and it ${event.type === 'backoff' ? 'is restarted' : 'is given up'}.`,
          decided,
          over,
        );
      },
    };
  },
};

function askedTooLate(book: Book, event: Of<'hook'>): Violation | undefined {
  const { aborted, over } = book.place(event.path);
  if (event.hook !== 'decide' || aborted?.incarnation !== event.incarnation) return undefined;
  return violation(
    event,
    `The decide of ${event.path}#${event.incarnation} is asked at ${event.at} ms, when it is on its way out.`,
    aborted,
    over,
  );
}

/** A running service that fails by itself is asked; simulations see that, but for what is spawned or added. */
function notAsked(tree: TreeInfo, book: Book, event: Of<'ended'>): Violation | undefined {
  const spec = tree.get(event.path)?.spec;
  const { asked, decided, starting, begun } = book.place(event.path);
  if (spec?.kind !== 'service' || !spec.decide || spec.restart === 'temporary') return undefined;
  if (event.reason !== 'error' || asked || decided || !begun) return undefined;
  return violation(
    event,
    `${event.path}#${event.incarnation} failed at ${event.at} ms, and its decide was not asked.`,
    starting,
  );
}
