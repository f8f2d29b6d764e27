import type { ErrorInfo } from '../../events.ts';
import type { Invariant } from '../invariant.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('assertionsHold');

/**
 * What a body asserts holds, whatever strikes it: an `AssertionError` of `node:assert`, thrown
 * anywhere in the code of a child, is a bug and never the consequence of a fault.
 */
export const assertionsHold: Invariant = {
  name: 'assertionsHold',
  description: 'No assertion in a body, a hook or a cleanup fails, whatever strikes.',
  kind: 'safety',
  needs: ['bodies'],
  begin(_tree, book) {
    return {
      onEvent(event) {
        const error = 'error' in event && event.type !== 'bus' ? event.error : undefined;
        if (!error || !isAssertion(error)) return undefined;
        const place = book.place(event.path);
        return violation(
          event,
          `An assertion of ${event.path}#${event.incarnation} fails at ${event.at} ms: ${error.message}`,
          place.starting,
          place.asked,
          place.over,
        );
      },
    };
  },
};

function isAssertion({ name, code, message }: ErrorInfo): boolean {
  return name === 'AssertionError' || code === 'ERR_ASSERTION' || /AssertionError/.test(message);
}
