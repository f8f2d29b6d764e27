import type { FaultKind } from '../fault-kind.ts';

const ms = { kind: 'ms', min: 1, max: 30_000 } as const;

/** What can happen to what services store. Tried where they are named: few trees store anything. */
export const storageFaults: readonly FaultKind[] = [
  {
    name: 'storageFails',
    group: 'storage',
    strikes: 'system',
    isByName: true,
    description: 'The next writes fail: no room is left, or another process has the file locked.',
    params: {
      count: { kind: 'integer', min: 1, max: 5 },
      why: { kind: 'choice', of: ['full', 'busy'] },
    },
    apply(simulation, { count = 1, why }) {
      const code = why === 'busy' ? 'DARUMA_STORAGE_BUSY' : 'DARUMA_STORAGE_FULL';
      simulation.storage.failWrites(Number(count), { code, isStored: false });
    },
  },
  {
    name: 'storageLost',
    group: 'storage',
    strikes: 'system',
    isByName: true,
    description: 'The next write is lost sight of: it fails, and may be stored all the same.',
    params: { isStored: { kind: 'choice', of: [true, false] } },
    apply(simulation, { isStored }) {
      const code = 'DARUMA_STORAGE_LOST';
      simulation.storage.failWrites(1, { code, isStored: isStored === true });
    },
  },
  {
    name: 'storageDown',
    group: 'storage',
    strikes: 'system',
    isByName: true,
    description: 'Nothing can be stored or looked up for a while.',
    params: { ms },
    apply(simulation, params) {
      simulation.storage.goDown(Number(params.ms ?? 1_000));
    },
  },
  {
    name: 'storageSlow',
    group: 'storage',
    strikes: 'system',
    isByName: true,
    description: 'Everything that is stored or looked up takes longer for a while.',
    params: { ms, delay: { kind: 'ms', min: 1, max: 10_000 } },
    apply(simulation, params) {
      simulation.storage.slowDown(Number(params.ms ?? 1_000), Number(params.delay ?? 100));
    },
  },
];
