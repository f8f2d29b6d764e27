import type { Invariant } from '../invariant.ts';
import type { Book } from './book.ts';
import { whenInstantsEnd } from './instants.ts';
import type { Of, Place, PlaceState } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('populationBounded');

const absent: readonly PlaceState[] = ['none', 'dropped'];

/** `TooManyChildren`; children in backoff hold their place. */
export const populationBounded: Invariant = {
  name: 'populationBounded',
  description: 'A supervisor never has more children than it may, and refuses none before that.',
  kind: 'safety',
  begin(_tree, book) {
    let refused: Of<'answered'>[] = [];
    const look = whenInstantsEnd(book, () => {
      const wrongly = refused.find(
        (event) =>
          presentIn(book, book.place(event.path).parent, event.at).length <
          mostIn(book, event.path),
      );
      refused = [];
      if (!wrongly) return undefined;
      const { parent } = book.place(wrongly.path);
      const children = presentIn(book, parent, wrongly.at);
      return violation(
        wrongly,
        `${wrongly.path} is refused at ${wrongly.at} ms although ${parent}, which may have ${mostIn(book, wrongly.path)} children, has ${children.length}.`,
        ...children.map(({ starting }) => starting),
      );
    });
    return {
      onEvent(event) {
        const late = look(event);
        if (event.type === 'answered' && event.refusal === 'DARUMA_TOO_MANY_CHILDREN') {
          refused.push(event);
        }
        if (event.type !== 'starting') return late;
        const most = mostIn(book, event.path);
        if (most === Number.POSITIVE_INFINITY) return late;
        const { parent } = book.place(event.path);
        const others = presentIn(book, parent).filter(({ path }) => path !== event.path);
        if (others.length < most) return late;
        return violation(
          event,
          `${event.path} starts at ${event.at} ms as child ${others.length + 1} of ${parent}, which may have ${most}.`,
          ...others.map(({ starting }) => starting),
        );
      },
    };
  },
};

function mostIn(book: Book, child: string): number {
  const spec = book.spec(book.place(child).parent);
  return spec?.kind === 'supervisor' ? spec.maxChildren : Number.POSITIVE_INFINITY;
}

/** @param at whoever left in this instant counts, too */
function presentIn(book: Book, parent: string, at?: number): Place[] {
  return [...book.childrenOf(parent)]
    .map((path) => book.place(path))
    .filter(
      ({ state, since }) => !absent.includes(state) || (at !== undefined && since?.at === at),
    );
}
