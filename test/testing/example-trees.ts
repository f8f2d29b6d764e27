import hello from '../../examples/01-hello-service/services.ts';
import shop from '../../examples/02-supervision-tree/services.ts';
import type { ReferenceTree } from './reference-trees.ts';

/** The examples that touch nothing but their context. */
export const exampleTrees: Readonly<Record<string, ReferenceTree>> = {
  hello: { make: () => hello },
  shop: { make: () => shop },
};
