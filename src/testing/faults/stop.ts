import type { BodyFaultKind } from '../fault-kind.ts';
import type { SimulatedBody } from '../simulated-body.ts';
import { errorOfShape, errorShapes } from './error-shapes.ts';

const ms = { kind: 'ms', min: 0, max: 60_000 } as const;

/** Bends the end of a body that was asked to stop; one that ends by itself just ends. */
function bendStop(body: SimulatedBody, bend: (end: () => void) => void): void {
  body.bends.end = (end) => (body.isCancelled ? bend(end) : end());
}

/** What can go wrong while a service stops. */
export const stopFaults: readonly BodyFaultKind[] = [
  {
    name: 'hangStop',
    group: 'stop',
    strikes: 'body',
    description: 'The body is asked to stop and never ends.',
    params: {},
    apply(body) {
      bendStop(body, () => {});
    },
  },
  {
    name: 'slowStop',
    group: 'stop',
    strikes: 'body',
    description: 'The body takes its time to end when it is asked to.',
    params: { ms },
    apply(body, params) {
      bendStop(body, (end) => body.after(Number(params.ms ?? 1_000), end));
    },
  },
  {
    name: 'crashInStop',
    group: 'stop',
    strikes: 'body',
    description: 'The body throws when it is asked to stop.',
    params: { error: errorShapes },
    apply(body, { error }) {
      body.bends.cancel = () => body.crash(errorOfShape(error, 'crash while stopping'));
    },
  },
  {
    name: 'ignoreAbort',
    group: 'stop',
    strikes: 'body',
    description:
      'The body does not look at its signal: it goes on and uses its context, also when it is over.',
    params: {
      calls: { kind: 'integer', min: 1, max: 5 },
      ms: { kind: 'ms', min: 1, max: 60_000 },
    },
    apply(body, params) {
      bendStop(body, () => useOn(body, Number(params.calls ?? 1), Number(params.ms ?? 100)));
    },
  },
  {
    name: 'lateSettle',
    group: 'stop',
    strikes: 'body',
    description: 'The body ends only some time after it was abandoned.',
    params: { ms },
    apply(body, params) {
      bendStop(body, (end) => body.whenAbandoned(() => body.after(Number(params.ms ?? 0), end)));
    },
  },
  {
    name: 'useAfterEnd',
    group: 'stop',
    strikes: 'body',
    description: 'Something that the body has begun uses its context after its end.',
    params: { ms },
    apply(body, params) {
      body.bends.end = (end) => {
        end();
        body.after(Number(params.ms ?? 0), () => useOnce(body));
      };
    },
  },
  {
    name: 'slowCleanup',
    group: 'stop',
    strikes: 'body',
    isForStart: true,
    description:
      'What was acquired first takes its time to be given back, whatever ended the body.',
    params: { ms },
    apply(body, params) {
      body.whenBegun((context) =>
        context.defer(
          () => new Promise<void>((resolve) => body.after(Number(params.ms ?? 1_000), resolve)),
        ),
      );
    },
  },
  {
    name: 'hangCleanup',
    group: 'stop',
    strikes: 'body',
    isForStart: true,
    description: 'What was acquired first is never given back.',
    params: {},
    apply(body) {
      body.whenBegun((context) => context.defer(() => new Promise(() => {})));
    },
  },
  {
    name: 'failCleanup',
    group: 'stop',
    strikes: 'body',
    isForStart: true,
    description:
      'Of three things that were acquired first each takes its time to be given back, and one of them fails.',
    params: { ms, nth: { kind: 'integer', min: 1, max: 3 } },
    apply(body, params) {
      body.hold(3, async (nth) => {
        await new Promise<void>((resolve) => body.after(Number(params.ms ?? 0), resolve));
        if (nth === Number(params.nth ?? 3)) throw new Error('injected: cleanup fails');
      });
    },
  },
  {
    name: 'doubleSettle',
    group: 'stop',
    strikes: 'body',
    description: 'The body reports its end twice.',
    params: { ms },
    apply(body, params) {
      body.bends.end = (end) => {
        end();
        body.after(Number(params.ms ?? 0), () => body.endAgain());
      };
    },
  },
];

/** Everything in a context that could act for a successor. */
function useOn(body: SimulatedBody, calls: number, ms: number): void {
  if (calls === 0) return;
  body.after(ms, () => {
    useOnce(body);
    useOn(body, calls - 1, ms);
  });
}

function useOnce(body: SimulatedBody): void {
  body.use('beat', (context) => context.beat());
  body.use('ready', (context) => context.ready('late'));
  body.use('health', (context) =>
    context.health('degraded', 'injected: from an incarnation that is to be over'),
  );
  body.use('defer', (context) => context.defer(() => {}));
}
