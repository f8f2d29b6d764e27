import type { Invariant } from '../invariant.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('decisionRespected');

/** Rule 4: what `decide` answers is done; one that throws has answered 'restart'. */
export const decisionRespected: Invariant = {
  name: 'decisionRespected',
  description: "A child is restarted, left down or escalated as its 'decide' says.",
  kind: 'safety',
  needs: ['bodies'],
  begin(_tree, book) {
    return {
      onEvent(event) {
        if (event.type === 'escalated') {
          const { decided, over } = book.place(event.culprit);
          const wanted = decided?.answer === 'escalate';
          if (wanted === event.isDecided || (!decided && !event.isDecided)) return undefined;
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
