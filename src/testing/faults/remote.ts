import type { Kernel } from '../../kernel/kernel.ts';
import { kernelOf } from '../../kernel/system.ts';
import type { Attempt } from '../../services/resilience/attempt.ts';
import { arePoliciesMade, meddlingIn } from '../../services/resilience/meddling.ts';
import type { FaultKind } from '../fault-kind.ts';

const fails = () => Promise.reject(new Error('injected: the other side is down'));

/** As a call does whose answer was lost: until somebody gives it up. */
function hangs({ signal }: Attempt): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

/** What can go wrong with calls under a policy. */
export const remoteFaults: readonly FaultKind[] = [
  {
    name: 'remoteOutage',
    group: 'dependency',
    strikes: 'system',
    description: 'For a while every call under a policy fails, or is never answered.',
    params: {
      ms: { kind: 'ms', min: 0, max: 60_000 },
      how: { kind: 'choice', of: ['fails', 'hangs'] },
    },
    isPossible: arePoliciesMade,
    apply(simulation, { ms, how }) {
      const meddling = meddlingIn(kernelOf(simulation.system) as Kernel);
      const bend = () => (how === 'hangs' ? hangs : fails);
      meddling.bend = bend;
      simulation.later(Number(ms ?? 1_000), () => {
        // Another outage may have begun meanwhile: that ends by itself.
        if (meddling.bend === bend) meddling.bend = undefined;
      });
    },
  },
];
