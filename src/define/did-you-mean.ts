/**
 * The candidate that somebody who wrote `word` most likely meant, or undefined. Case and separators
 * do not count (`oneForOne` is `one-for-one`); otherwise about one letter in three may be wrong.
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const plain = plainly(word);
  const limit = Math.max(1, Math.floor(plain.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const other = plainly(candidate);
    if (Math.abs(other.length - plain.length) >= bestDistance) continue;
    const distance = editDistance(plain, other);
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** `Did you mean 'permanent'?`, or undefined when nothing is near. */
export function didYouMean(word: unknown, candidates: Iterable<string>): string | undefined {
  const meant = typeof word === 'string' ? closest(word, candidates) : undefined;
  return meant === undefined ? undefined : `Did you mean '${meant}'?`;
}

function plainly(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/g, '');
}

/** Letters to insert, remove, replace or swap with their neighbour. */
export function editDistance(from: string, to: string): number {
  let twoAgo: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + Number(!isSame),
        isSwap ? at(twoAgo, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    twoAgo = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
