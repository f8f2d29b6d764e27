import { DarumaError } from '../../errors.ts';
import type { FaultKind } from '../fault-kind.ts';
import type { SimulatedBody } from '../simulated-body.ts';
import { errorOfShape, errorShapes } from './error-shapes.ts';

/** What can go wrong before a service is ready. */
export const startFaults: readonly FaultKind[] = [
  {
    name: 'crashAtStart',
    endsIt: true,
    group: 'start',
    strikes: 'body',
    isForStart: true,
    description: 'The start attempt fails after its first await.',
    params: { error: errorShapes },
    apply(body, { error }) {
      body.bends.begin = () => {
        void Promise.resolve().then(() => body.crash(errorOfShape(error, 'crash at start')));
      };
    },
  },
  {
    name: 'exitAtStart',
    group: 'start',
    strikes: 'body',
    isForStart: true,
    endsIt: true,
    description: 'The body returns before it is ready.',
    params: {},
    apply(body) {
      body.bends.begin = () => {
        void Promise.resolve().then(() => body.exit());
      };
    },
  },
  {
    name: 'throwSync',
    endsIt: true,
    group: 'start',
    strikes: 'body',
    isForStart: true,
    description: 'The body throws at once, before its first await.',
    params: { error: errorShapes },
    apply(body, { error }) {
      body.bends.begin = () => body.crash(errorOfShape(error, 'synchronous throw'));
    },
  },
  {
    name: 'slowReady',
    group: 'start',
    strikes: 'body',
    isForStart: true,
    description: 'The start attempt begins later than it would.',
    params: { ms: { kind: 'ms', min: 1, max: 60_000 } },
    apply(body, { ms }) {
      body.bends.begin = (begin) => body.after(Number(ms ?? 1_000), begin);
    },
  },
  {
    name: 'hangStart',
    endsIt: true,
    group: 'start',
    strikes: 'body',
    isForStart: true,
    description: 'The start attempt neither becomes ready nor ends, until its signal is aborted.',
    params: {},
    apply(body) {
      body.bends.begin = () => {};
    },
  },
  {
    name: 'neverReady',
    group: 'start',
    strikes: 'body',
    isForStart: true,
    description: 'The body runs, and what it says of being ready is lost.',
    params: {},
    apply(body) {
      body.bends.ready = () => {};
    },
  },
  {
    name: 'readyFlap',
    group: 'start',
    strikes: 'system',
    description:
      'A service becomes ready and fails soon after, in several incarnations one after the other.',
    params: {
      times: { kind: 'integer', min: 1, max: 5 },
      ms: { kind: 'ms', min: 0, max: 30_000 },
    },
    targets: (tree) => tree.services().map(({ path }) => path),
    apply(simulation, { times, ms }, target) {
      if (target === undefined) return;
      let left = Number(times ?? 2);
      const fail = (body: SimulatedBody) => {
        if (left-- <= 0) return;
        const crash = () => body.crash(new Error('injected: readiness flaps'));
        body.whenReady(() => body.after(Number(ms ?? 100), crash));
      };
      const present = simulation.bodyAt(target);
      if (present) fail(present);
      simulation.bendEvery(target, fail);
    },
  },
  {
    name: 'configReject',
    group: 'start',
    strikes: 'system',
    isLasting: true,
    description:
      'From now on every start attempt rejects its configuration: trying again is no use.',
    params: {},
    targets: (tree) => tree.services().map(({ path }) => path),
    apply(simulation, _params, target) {
      if (target === undefined) return;
      simulation.bendEvery(target, (body) => {
        body.bends.begin = () =>
          body.crash(
            new DarumaError('DARUMA_INVALID_CONFIG', 'injected: its configuration is not valid.', {
              path: target,
            }),
          );
      });
    },
  },
];
