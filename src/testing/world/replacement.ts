/** What stands in for one function of the environment. */
export interface Replacement {
  readonly holder: object;
  readonly key: string;
  /** @param real what it stands in for */
  readonly make: (real: never) => unknown;
}

/**
 * Puts replacements in place. Returns the function that puts back what was there, where nobody else
 * has replaced it meanwhile.
 */
export function replaceAll(replacements: readonly Replacement[]): () => void {
  const undoing = replacements.map(replace);
  return () => {
    for (const undo of undoing.toReversed()) undo();
  };
}

function replace({ holder, key, make }: Replacement): () => void {
  const before = Object.getOwnPropertyDescriptor(holder, key);
  const replacement = make((holder as Record<string, unknown>)[key] as never);
  Object.defineProperty(holder, key, {
    configurable: true,
    enumerable: before?.enumerable ?? false,
    writable: true,
    value: replacement,
  });
  return () => {
    if ((holder as Record<string, unknown>)[key] !== replacement) return;
    if (before) Object.defineProperty(holder, key, before);
    else delete (holder as Record<string, unknown>)[key];
  };
}
