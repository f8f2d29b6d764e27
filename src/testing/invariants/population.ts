import type { Invariant } from '../invariant.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('populationBounded');

const absent: readonly string[] = ['none', 'dropped'];

/** `TooManyChildren`; children in backoff hold their place. */
export const populationBounded: Invariant = {
  name: 'populationBounded',
  description: 'A supervisor never has more children than it may.',
  kind: 'safety',
  begin(_tree, book) {
    return {
      onEvent(event) {
        if (event.type !== 'starting') return undefined;
        const { parent } = book.place(event.path);
        const spec = book.spec(parent);
        if (spec?.kind !== 'supervisor' || !Number.isFinite(spec.maxChildren)) return undefined;
        const others = [...book.childrenOf(parent)].filter(
          (path) => path !== event.path && !absent.includes(book.place(path).state),
        );
        if (others.length < spec.maxChildren) return undefined;
        return violation(
          event,
          `${event.path} starts at ${event.at} ms as child ${others.length + 1} of ${parent}, which may have ${spec.maxChildren}.`,
          ...others.map((path) => book.place(path).starting),
        );
      },
    };
  },
};
