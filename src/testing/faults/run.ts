import type { BodyFaultKind, FaultKind } from '../fault-kind.ts';
import type { ItemInfo } from '../tree-info.ts';
import { errorOfShape, errorShapes, nonErrorShapes } from './error-shapes.ts';

const ms = { kind: 'ms', min: 0, max: 600_000 } as const;

function hasWatchdog({ spec }: ItemInfo): boolean {
  return spec.kind === 'service' && Number.isFinite(spec.watchdogMs);
}

/** An error that reaches the process from code that a body left running. */
function stray(name: string, description: string): BodyFaultKind {
  return {
    name,
    group: 'run',
    strikes: 'body',
    endsIt: true,
    description,
    params: { ms, error: errorShapes },
    apply(body, { ms: afterMs, error }) {
      const strike = () => body.blame(errorOfShape(error, name));
      body.whenReady(() => body.after(Number(afterMs ?? 0), strike));
    },
  };
}

/** What can go wrong with a service that is ready. Times count from ready. */
export const runFaults: readonly FaultKind[] = [
  {
    name: 'crashAfter',
    endsIt: true,
    group: 'run',
    strikes: 'body',
    description: 'The body throws some time after it was ready.',
    params: { ms, error: errorShapes },
    apply(body, { ms: afterMs, error }) {
      const crash = () => body.crash(errorOfShape(error, 'crash'));
      body.whenReady(() => body.after(Number(afterMs ?? 0), crash));
    },
  },
  {
    name: 'throwNonError',
    endsIt: true,
    group: 'run',
    strikes: 'body',
    description: 'The body throws something that is not an Error.',
    params: { ms, error: nonErrorShapes },
    apply(body, { ms: afterMs, error }) {
      const crash = () => body.crash(errorOfShape(error ?? 'string', 'a text'));
      body.whenReady(() => body.after(Number(afterMs ?? 0), crash));
    },
  },
  {
    name: 'exitClean',
    endsIt: true,
    group: 'run',
    strikes: 'body',
    description: 'The body returns although nobody asked it to.',
    params: { ms },
    apply(body, { ms: afterMs }) {
      body.whenReady(() => body.after(Number(afterMs ?? 0), () => body.exit()));
    },
  },
  {
    name: 'stuck',
    endsIt: true,
    group: 'run',
    strikes: 'body',
    description: 'The body makes no progress any more: it beats no more, and does not end.',
    params: {},
    isPossible: (tree) => tree.services().some(hasWatchdog),
    targets: (tree) =>
      tree
        .services()
        .filter(hasWatchdog)
        .map(({ path }) => path),
    apply(body) {
      body.bends.beat = () => {};
    },
  },
  stray('unhandledRejection', 'A promise of the body rejects, and nobody handles it.'),
  stray('uncaughtException', 'A callback of the body throws where nobody catches it.'),
  {
    name: 'lateRejection',
    group: 'run',
    strikes: 'body',
    description: 'A promise of an incarnation that is over rejects, and nobody handles it.',
    params: { ms, error: errorShapes },
    apply(body, { ms: afterMs, error }) {
      body.bends.end = (end) => {
        end();
        body.after(Number(afterMs ?? 0), () => body.blame(errorOfShape(error, 'late rejection')));
      };
    },
  },
  {
    name: 'eventLoopStall',
    group: 'run',
    strikes: 'system',
    description:
      'The event loop is blocked: time passes, and what was due meanwhile fires at once.',
    params: { ms: { kind: 'ms', min: 1, max: 10_000 } },
    apply(simulation, { ms: forMs }) {
      simulation.clock.stall(Number(forMs ?? 100));
    },
  },
];
