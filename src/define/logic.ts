import type { AnyActorLogic } from 'xstate';

/** Whether a value is XState v5 actor logic: a machine, `fromPromise`, `fromCallback` and the like. */
export function isLogic(value: unknown): value is AnyActorLogic {
  if (typeof value !== 'object' || value === null) return false;
  const { transition, getInitialSnapshot } = value as Partial<AnyActorLogic>;
  return typeof transition === 'function' && typeof getInitialSnapshot === 'function';
}
