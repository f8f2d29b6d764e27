import type { FaultKind } from '../fault-kind.ts';

const ms = { kind: 'ms', min: 0, max: 30_000 } as const;

/** What can happen to the system as a whole. */
export const systemFaults: readonly FaultKind[] = [
  {
    name: 'shutdown',
    group: 'system',
    strikes: 'system',
    isLasting: true,
    description: 'The system is asked to stop.',
    params: {},
    apply(simulation) {
      simulation.shutdown();
    },
  },
  {
    name: 'shutdownTwice',
    group: 'system',
    strikes: 'system',
    isLasting: true,
    description: 'The system is asked to stop, and once more while it does.',
    params: { ms },
    apply(simulation, params) {
      simulation.shutdown();
      simulation.later(Number(params.ms ?? 0), () => simulation.shutdown());
    },
  },
  {
    name: 'restartDuringShutdown',
    group: 'system',
    strikes: 'system',
    isLasting: true,
    description: 'A service is to be restarted by hand while the system stops.',
    params: { ms },
    targets: (tree) => tree.services().map(({ path }) => path),
    apply(simulation, params, target) {
      simulation.shutdown();
      if (target === undefined) return;
      simulation.later(Number(params.ms ?? 0), () => simulation.call('restart', target));
    },
  },
  {
    name: 'signal',
    group: 'system',
    strikes: 'system',
    isLasting: true,
    description: 'The process gets a signal: the first stops in order, the second leaves at once.',
    params: { signal: { kind: 'choice', of: ['SIGTERM', 'SIGINT'] } },
    apply(simulation, { signal }) {
      simulation.signals.raise(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
    },
  },
  {
    name: 'processKill',
    group: 'system',
    strikes: 'system',
    description:
      'The process is killed: no stop, no cleanup. Some time later the same tree boots again.',
    params: { ms },
    apply(simulation, params) {
      // Not within a call of the system that is to be gone.
      simulation.later(0, () => simulation.kill(Number(params.ms ?? 1_000)));
    },
  },
];
