import type { NotificationLevel, Notify, NotifyOptions } from '../../define/notify.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Desk, Sender } from './desk.ts';

/** Who notifies. */
export interface Notifier extends Sender {
  /** Asked with every call. What is refused is dropped without a word to the caller. */
  mayNotify(): boolean;
  /** Calls back when its end begins: nothing that it has scheduled is sent any more. */
  onEnd(callback: () => void): void;
}

type Options = NotificationLevel | NotifyOptions;

/** `ctx.notify` of one incarnation, and `system.notify`. */
export function notifyOf(clock: Clock, desk: Desk, notifier: Notifier): Notify {
  const { path, incarnation } = notifier;
  const sender = { path, incarnation };
  const scheduled = new Map<string, unknown>();
  let isWatched = false;

  const send = (id: string, title: string, message: string, options?: Options) => {
    if (notifier.mayNotify()) desk.notify(sender, id, title, message, options);
  };

  const watchEnd = () => {
    if (isWatched) return;
    isWatched = true;
    notifier.onEnd(() => {
      for (const timer of scheduled.values()) clock.clearTimeout(timer);
      scheduled.clear();
    });
  };

  const schedule: Notify['schedule'] = (at, title, message, options) => {
    const id = desk.nextId();
    const wait = () => {
      // The time of day may have been set back meanwhile: then it waits once more.
      const leftMs = Number(at) - clock.now();
      scheduled.delete(id);
      if (leftMs > 0) scheduled.set(id, clock.setTimeout(wait, leftMs));
      else send(id, title, message, options);
    };
    if (!notifier.mayNotify()) return id;
    watchEnd();
    wait();
    return id;
  };

  const cancel: Notify['cancel'] = (id) => {
    if (scheduled.has(id)) clock.clearTimeout(scheduled.get(id));
    return scheduled.delete(id);
  };

  const notify = (title: string, message: string, options?: Options) => {
    const id = desk.nextId();
    send(id, title, message, options);
    return id;
  };

  return Object.assign(notify, { schedule, cancel });
}
