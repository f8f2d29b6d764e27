import { seededRandom } from '../../kernel/random.ts';
import type { FaultKind } from '../fault-kind.ts';

const dayMs = 86_400_000;

/** What can be wrong with time. Limits and delays must not depend on the time of day. */
export const clockFaults: readonly FaultKind[] = [
  {
    name: 'clockJump',
    group: 'clock',
    strikes: 'system',
    description: 'The time of day is set forward or back.',
    params: { ms: { kind: 'integer', min: -30 * dayMs, max: 30 * dayMs } },
    apply(simulation, { ms }) {
      simulation.clock.jump(Number(ms ?? dayMs));
    },
  },
  {
    name: 'clockDrift',
    group: 'clock',
    strikes: 'system',
    isLasting: true,
    description: 'The time of day runs fast or slow.',
    params: { ppm: { kind: 'integer', min: -500_000, max: 500_000 } },
    apply(simulation, { ppm }) {
      simulation.clock.drift(Number(ppm ?? 1_000));
    },
  },
  {
    name: 'timerJitter',
    group: 'clock',
    strikes: 'system',
    isLasting: true,
    description: 'From now on every timer is late by some milliseconds, as those of Node are.',
    params: { ms: { kind: 'ms', min: 0, max: 1_000 } },
    apply(simulation, { ms }) {
      const random = seededRandom(simulation.plan.seed);
      const limit = Number(ms ?? 1) + 1;
      simulation.clock.lateness = () => Math.floor(random() * limit);
    },
  },
];
