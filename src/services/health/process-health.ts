import type { Duration } from '../../../actors/rules/duration.ts';
import type { ServiceDefinition } from '../../define/definition.ts';
import type { ValidName } from '../../define/names.ts';
import { service } from '../../define/service.ts';
import { cpuBelow, heapBelow, loopLagBelow } from './ready-made.ts';

export interface ProcessHealthOptions {
  /** Heap of the process above which it is degraded, in bytes. @default 500 MiB */
  readonly heap?: number;
  /** Share of one processor core above which it is degraded. @default 0.8 */
  readonly cpu?: number;
  /** Lateness of the event loop above which it is degraded. @default '100ms' */
  readonly loopLag?: Duration;
  /** From one look to the next. @default '30s' */
  readonly every?: Duration;
}

/**
 * A child whose health is that of the process: heap, processor and event loop. Those belong to the
 * process, not to one of its services, so that they are one child and not a check of every service.
 */
export function processHealth<const Name extends string>(
  name: ValidName<Name>,
  {
    heap = 500 * 1024 * 1024,
    cpu = 0.8,
    loopLag = '100ms',
    every = '30s',
  }: ProcessHealthOptions = {},
): ServiceDefinition<Name, undefined, Record<never, never>> {
  const lasting = { every, failures: 3, successes: 1 };
  return service<Name>(name, {
    start: () => undefined,
    health: {
      heap: { ...lasting, check: heapBelow(heap), failures: 1 },
      processor: { ...lasting, check: cpuBelow(cpu) },
      'event-loop': { ...lasting, check: loopLagBelow(loopLag) },
    },
  });
}
