/** What a tick does that comes due while a run is under way. */
export type Overlap = 'skip' | 'queue' | 'replace' | 'allow';

export interface OverlapPolicy {
  readonly overlap: Overlap;
  /** How many ticks may wait with `queue`. */
  readonly maxQueued: number;
  /** How many runs may be under way at a time with `allow`. */
  readonly concurrency: number;
}

/** `replace`: what runs is cancelled, and this one starts when that has ended. */
export type Admission = 'start' | 'queue' | 'replace' | 'skip';

/**
 * @param running how many runs are under way
 * @param waiting how many ticks wait for their turn
 */
export function admit(policy: OverlapPolicy, running: number, waiting: number): Admission {
  if (running === 0 && waiting === 0) return 'start';
  switch (policy.overlap) {
    case 'skip':
      return 'skip';
    case 'queue':
      return waiting < policy.maxQueued ? 'queue' : 'skip';
    case 'allow':
      return running < policy.concurrency ? 'start' : 'skip';
    case 'replace':
      return 'replace';
  }
}
