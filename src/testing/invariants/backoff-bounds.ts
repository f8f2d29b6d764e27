import type { BackoffPolicy } from '../../../actors/rules/backoff.ts';
import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Of } from './place.ts';
import { ms, violationOf } from './violation.ts';

const violation = violationOf('backoffBounds');

/** Rule 8 and design 2.9: what jitter leaves possible for the n-th delay, and the start after it. */
export const backoffBounds: Invariant = {
  name: 'backoffBounds',
  description:
    'Each delay is that of its place in the series within its jitter, and is waited for.',
  kind: 'safety',
  begin(_tree, book) {
    const draws = new Draws();
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
        draws.take(event);
        const policy = book.spec(event.path)?.backoff;
        if (!policy) return undefined;
        const { least, most } = delayBounds(policy, event.attempt);
        if (event.delayMs >= least && event.delayMs <= most) {
          if (draws.areRandom(event.delayMs, least, most)) return undefined;
          return violation(
            event,
            `${event.path} waits ${ms(event.delayMs)}, at the same place between ${least} and ${most} ms as all delays before it: nothing is drawn.`,
            ...draws.same,
          );
        }
        return violation(
          event,
          `${event.path} waits ${ms(event.delayMs)} before restart ${event.attempt} of its series; the delay must lie between ${least} and ${most} ms (first ${policy.firstMs}, factor ${policy.factor}, max ${policy.maxMs}, jitter ${policy.jitter}).`,
          place.over,
        );
      },
    };
  },
};

/** So unlikely that it was no chance. */
const impossible = 1e-10;

/** Whether delays with jitter are drawn: that each lies at the same part of its range is no chance. */
class Draws {
  #last: { readonly part: number; readonly width: number } | undefined;
  #likelihood = 1;
  #same: Of<'backoff'>[] = [];

  /** The events of the delays that have all been at the same part of their range. */
  get same(): readonly TraceEvent[] {
    return this.#same;
  }

  take(event: Of<'backoff'>): void {
    this.#same.push(event);
  }

  areRandom(delayMs: number, least: number, most: number): boolean {
    const width = most - least;
    // A few milliseconds say nothing.
    if (width < 10) return true;
    const part = (delayMs - least) / width;
    // Delays are whole milliseconds, and half of one lies at either edge of the range.
    const roundings = 0.5 / width + (this.#last ? 0.5 / this.#last.width : 0);
    const isAtEdge = part === 0 || part === 1;
    if (this.#last && Math.abs(part - this.#last.part) <= roundings) {
      this.#likelihood *= isAtEdge ? 0.5 / width : Math.min(1, 2 * roundings);
    } else {
      this.#likelihood = isAtEdge ? 1 / width : 1;
      this.#same = this.#same.slice(-1);
    }
    this.#last = { part, width };
    return this.#likelihood > impossible;
  }
}

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
