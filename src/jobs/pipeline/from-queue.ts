import type { Battery } from '../../define/battery.ts';
import type { Queue } from '../../define/queue.ts';
import { crewHooks } from '../crew-hooks.ts';
import { checkQueue, toldOf } from '../read-worker.ts';
import type { JobWorker } from '../worker.ts';
import { Gateway } from './gateway.ts';
import { intakeOf } from './intake.ts';
import type { Producer } from './pipeline-types.ts';
import { producing } from './producing.ts';
import { readCount } from './read-station.ts';

export interface FromQueueOptions {
  /**
   * How many of its jobs are on their way at once. Minimum: 1.
   *
   * @default 'infinity', as many as the pipeline has room for
   */
  readonly concurrency?: number | 'infinity';
}

/** What the specs of such producers say they are. */
export const batteryKind = 'queue producer';

/**
 * A producer whose items are the jobs of a queue. A job is completed when its item is through all
 * handlers and consumers; when one of them has given it up, the job has failed and is tried again, as
 * its queue says. So what comes from a queue comes through at least once.
 *
 * ```ts
 * .producer('orders', fromQueue(orders))
 * ```
 *
 * It claims what the pipeline has room for, and no more. On a stop, what is on its way may go through
 * within half of its `stopWithin`; what does not is given back. Its ready value is that of `worker()`.
 */
export function fromQueue<Payload, Delivered, Result, Name extends string>(
  queue: Queue<Payload, Delivered, Result, Name>,
  options: FromQueueOptions = {},
): Producer<Delivered, JobWorker> {
  const battery: Battery = {
    battery: 'fromQueue()',
    options: ['concurrency'],
    read(reader) {
      checkQueue(reader, queue, "fromQueue(emails), with emails = queue('emails').");
      const concurrency = readCount(reader, 'concurrency', Number.POSITIVE_INFINITY);
      return producing(
        crewHooks(queue, {
          battery: { kind: batteryKind, policy: { ...toldOf(queue), concurrency } },
          factories: {},
          placesOf: (ctx) => new Gateway(intakeOf(ctx), concurrency, queue.spec),
        }),
      );
    },
  };
  return Object.freeze({ kind: 'producer', battery, options: { ...options } });
}
