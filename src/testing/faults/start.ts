import type { BodyFaultKind } from '../fault-kind.ts';

/** What can go wrong before a service is ready. */
export const startFaults: readonly BodyFaultKind[] = [
  {
    name: 'crashAtStart',
    group: 'start',
    strikes: 'body',
    description: 'The start attempt throws at once.',
    params: {},
    apply(body) {
      body.bends.begin = () => body.crash(new Error('injected: crash at start'));
    },
  },
  {
    name: 'hangStart',
    group: 'start',
    strikes: 'body',
    description: 'The start attempt neither becomes ready nor ends, until its signal is cancelled.',
    params: {},
    apply(body) {
      body.bends.begin = () => {};
      body.bends.cancel = () => body.exit();
    },
  },
  {
    name: 'slowReady',
    group: 'start',
    strikes: 'body',
    description: 'It becomes ready later than it would.',
    params: { ms: { kind: 'ms', min: 1, max: 60_000 } },
    apply(body, params) {
      body.bends.ready = (ready) => body.after(Number(params.ms ?? 1_000), ready);
    },
  },
];
