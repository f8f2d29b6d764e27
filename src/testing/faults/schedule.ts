import type { FaultKind } from '../fault-kind.ts';
import { isSchedule } from '../schedules.ts';
import type { SimulatedBody, WorkBend } from '../simulated-body.ts';
import type { TreeInfo } from '../tree-info.ts';
import { errorOfShape, errorShapes } from './error-shapes.ts';

const dayMs = 86_400_000;

const runs = { kind: 'integer', min: 1, max: 5 } as const;

const targets = (tree: TreeInfo) =>
  tree.services().flatMap(({ path, spec }) => (isSchedule(spec) ? [path] : []));
const isPossible = (tree: TreeInfo) => targets(tree).length > 0;

/** Bends the next so many runs of an incarnation. */
function bendRuns(body: SimulatedBody, count: number, bend: WorkBend): void {
  let left = count;
  body.bends.work = (work, given) => (left-- > 0 ? bend(work, given) : work());
}

/** What can go wrong with schedules; setting their clock is `clockJump`. */
export const scheduleFaults: readonly FaultKind[] = [
  {
    name: 'scheduleOverlap',
    group: 'schedule',
    strikes: 'body',
    description: 'The next runs of a schedule take so much longer than they would.',
    params: { ms: { kind: 'ms', min: 1, max: 3_600_000 }, runs },
    isPossible,
    targets,
    apply(body, { ms, runs: count }) {
      bendRuns(body, Number(count ?? 1), async (work, given) => {
        await work();
        await new Promise<void>((resolve) => {
          body.after(Number(ms ?? 60_000), resolve);
          const { signal } = given as { readonly signal: AbortSignal };
          signal.addEventListener('abort', () => resolve());
        });
      });
    },
  },
  {
    name: 'scheduleRunThrows',
    group: 'schedule',
    strikes: 'body',
    description: 'The next runs of a schedule throw.',
    params: { runs, error: errorShapes },
    isPossible,
    targets,
    apply(body, { runs: count, error }) {
      bendRuns(body, Number(count ?? 1), () => {
        throw errorOfShape(error, 'scheduled run');
      });
    },
  },
  {
    name: 'scheduleSkip',
    group: 'schedule',
    strikes: 'system',
    description: 'The machine sleeps: the time of day goes on, and nothing that was due has run.',
    params: { ms: { kind: 'ms', min: 1_000, max: 3 * dayMs } },
    isPossible,
    apply(simulation, { ms }) {
      simulation.clock.jump(Number(ms ?? dayMs));
    },
  },
];
