import type { Notify, NotifyLevel, NotifyOptions } from '../../define/notify.ts';
import { show } from '../../define/show.ts';
import { DarumaError } from '../../errors.ts';
import type { Clock } from '../../kernel/clock.ts';

/** Who tells something. */
export interface Teller {
  readonly path: string;
  /** @throws when it may not any more */
  assertAlive(): void;
  /** Its end has begun. */
  readonly isOver: boolean;
  /** Calls back when its end begins. */
  onEnd(callback: () => void): void;
}

export type Take = (
  path: string,
  title: unknown,
  message: unknown,
  options: NotifyOptions | NotifyLevel | undefined,
) => void;

/** `ctx.notify` of one incarnation, or `system.notify`. */
export function notifyOf(clock: Clock, teller: Teller, take: Take): Notify {
  const { path } = teller;
  const scheduled = new Map<string, unknown>();
  let ids = 0;

  const callOff = () => {
    for (const timer of scheduled.values()) clock.clearTimeout(timer);
    scheduled.clear();
  };

  const schedule: Notify['schedule'] = (at, title, message, options) => {
    teller.assertAlive();
    const time = Number(at);
    if (!Number.isFinite(time)) throw noTimeError(path, at);
    if (ids++ === 0) teller.onEnd(callOff);
    const id = `${path} ${ids}`;
    const wait = () => {
      scheduled.delete(id);
      // The time of day may have been set back meanwhile: then it waits once more.
      const leftMs = time - clock.now();
      if (leftMs > 0) scheduled.set(id, clock.setTimeout(wait, leftMs));
      else take(path, title, message, options);
    };
    if (!teller.isOver) wait();
    return id;
  };

  const cancel: Notify['cancel'] = (id) => {
    if (scheduled.has(id)) clock.clearTimeout(scheduled.get(id));
    return scheduled.delete(id);
  };

  const notify = (title: string, message?: string, options?: NotifyOptions | NotifyLevel) => {
    teller.assertAlive();
    take(path, title, message, options);
  };
  return Object.assign(notify, { schedule, cancel });
}

function noTimeError(path: string, at: unknown): DarumaError {
  return new DarumaError(
    'DARUMA_INVALID_OPTION',
    `${path}: notify.schedule() was given ${show(at)} as its time.`,
    { path, hint: 'A Date, or milliseconds since the epoch: ctx.now() + 60_000.' },
  );
}
