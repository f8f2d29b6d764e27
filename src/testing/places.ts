import type { PathsOf } from '../define/tree.ts';

/** The paths of a tree, as far as its type says them; any text where it does not. */
export type PlacesOf<Root> = [PathsOf<Root>] extends [never] ? string : PathsOf<Root>;
