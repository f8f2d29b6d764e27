import { limitOf, type SystemOptions } from '../kernel/system-options.ts';
import { exitReserveMs } from '../kernel/system-root.ts';

/** Limits of a system that its tree does not say, in milliseconds. */
export interface SystemLimits {
  /** What a whole stop may take, the reserve for leaving taken off. */
  readonly stopWithinMs: number;
  readonly bootWithinMs: number;
}

/** What the options of a system leave its tree. */
export function limitsOf(options: Pick<SystemOptions, 'grace' | 'bootWithin'>): SystemLimits {
  const graceMs = limitOf(options.grace ?? '25s', 'grace');
  return {
    stopWithinMs: Math.max(0, graceMs - exitReserveMs),
    bootWithinMs: limitOf(options.bootWithin ?? '60s', 'bootWithin'),
  };
}
