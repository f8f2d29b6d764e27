import { worker } from 'daruma';
import { samples } from './queues.ts';
import { store } from './store.ts';

/**
 * Writes checks down, up to fifty in one transaction. One that is run twice, because a crash came
 * between the two, is stored once: its key is its target and its time.
 */
export const sampler = worker(
  samples,
  { batch: { size: 50, wait: '100ms' }, needs: { store } },
  (jobs) => jobs[0]?.needs.store.addChecks(jobs.map(({ payload }) => payload)),
);
