import type { BodyFaultKind } from '../fault-kind.ts';
import type { SimulatedBody } from '../simulated-body.ts';
import type { TreeInfo } from '../tree-info.ts';
import { errorOfShape, errorShapes } from './error-shapes.ts';

const count = { kind: 'integer', min: 1, max: 20 } as const;
const partKinds = ['handler', 'consumer'];

/** The handlers and consumers of pipelines. */
const targets = (tree: TreeInfo): readonly string[] =>
  tree.services().flatMap(({ path, spec }) => {
    const body = spec.kind === 'service' ? spec.body : undefined;
    const kind = body?.kind === 'hooks' ? body.battery?.kind : undefined;
    return kind !== undefined && partKinds.includes(kind) ? [path] : [];
  });
const isPossible = (tree: TreeInfo): boolean => targets(tree).length > 0;

/** So many calls of a part do something else. */
function bendCalls(body: SimulatedBody, times: number, instead: (ctx: unknown) => unknown): void {
  let left = times;
  body.bends.work = (work, ctx) => (left-- > 0 ? instead(ctx) : work());
}

/** What can go wrong with handlers and consumers; sources fail as every body does. */
export const pipelineFaults: readonly BodyFaultKind[] = [
  {
    name: 'itemThrows',
    group: 'pipeline',
    strikes: 'body',
    description: 'The next calls of a handler or consumer of a pipeline throw.',
    params: { count, error: errorShapes },
    isPossible,
    targets,
    apply(body, given) {
      bendCalls(body, Number(given.count ?? 1), () => {
        throw errorOfShape(given.error, 'item');
      });
    },
  },
  {
    name: 'itemHangs',
    group: 'pipeline',
    strikes: 'body',
    description: 'The next calls of a handler or consumer of a pipeline never end, whoever asks.',
    params: { count },
    isPossible,
    targets,
    apply(body, given) {
      bendCalls(body, Number(given.count ?? 1), () => new Promise(() => {}));
    },
  },
];
