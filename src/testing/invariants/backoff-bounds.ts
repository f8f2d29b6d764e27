import type { BackoffPolicy } from '../../../actors/rules/backoff.ts';
import type { Invariant } from '../invariant.ts';
import { ms, violationOf } from './violation.ts';

const violation = violationOf('backoffBounds');

/** Rule 8 and design 2.9: what jitter leaves possible for the n-th delay, and the start after it. */
export const backoffBounds: Invariant = {
  name: 'backoffBounds',
  description:
    'Each delay is that of its place in the series within its jitter, and is waited for.',
  kind: 'safety',
  begin(_tree, book) {
    return {
      onEvent(event) {
        const place = book.place(event.path);
        if (event.type === 'starting' && place.state === 'backoff' && place.backoff) {
          const due = place.backoff.at + place.backoff.delayMs;
          if (event.at >= due - book.earlyMs || event.attempt === 0) return undefined;
          return violation(
            event,
            `${event.path} starts again at ${event.at} ms; its delay of ${ms(place.backoff.delayMs)} is over at ${due} ms.`,
            place.over,
            place.backoff,
          );
        }
        if (event.type !== 'backoff') return undefined;
        const policy = book.spec(event.path)?.backoff;
        if (!policy) return undefined;
        const { least, most } = delayBounds(policy, event.attempt);
        if (event.delayMs >= least && event.delayMs <= most) return undefined;
        return violation(
          event,
          `${event.path} waits ${ms(event.delayMs)} before restart ${event.attempt} of its series; the delay must lie between ${least} and ${most} ms (first ${policy.firstMs}, factor ${policy.factor}, max ${policy.maxMs}, jitter ${policy.jitter}).`,
          place.over,
        );
      },
    };
  },
};

/** The least and the longest delay before the n-th restart of a series, from 1. */
export function delayBounds(
  policy: BackoffPolicy,
  attempt: number,
): { readonly least: number; readonly most: number } {
  const grown = policy.firstMs === 0 ? 0 : policy.firstMs * policy.factor ** (attempt - 1);
  const most = Math.min(policy.maxMs, grown);
  const share = { none: 1, equal: 0.5, full: 0 }[policy.jitter];
  return { least: Math.round(most * share), most: Math.round(most) };
}
