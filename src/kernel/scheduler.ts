import type { AnyActorRef, AnyEventObject } from 'xstate';
import type { Clock } from './clock.ts';

/** What XState asks for the timers of its actors, all of them through one for each system. */
export interface Scheduler {
  schedule(
    source: AnyActorRef,
    target: AnyActorRef,
    event: AnyEventObject,
    delayMs: number,
    id?: string,
  ): void;
  cancel(source: AnyActorRef, id: string): void;
  cancelAll(source: AnyActorRef): void;
}

/** Delivers an event whose time has come. */
export type Deliver = (source: AnyActorRef, target: AnyActorRef, event: AnyEventObject) => void;

/**
 * XState's scheduler looks through all timers of the system whenever an actor ends; this one keeps
 * each actor's timers with the actor. Infinity never fires.
 */
export function indexedScheduler(clock: Clock, deliver: Deliver): Scheduler {
  const timers = new Map<AnyActorRef, Map<string, unknown>>();
  let nextId = 0;
  const scheduler: Scheduler = {
    schedule(source, target, event, delayMs, id = `timer-${nextId++}`) {
      scheduler.cancel(source, id);
      if (delayMs === Number.POSITIVE_INFINITY) return;
      const own = timers.get(source) ?? new Map<string, unknown>();
      const fire = () => {
        forget(source, id);
        deliver(source, target, event);
      };
      own.set(id, clock.setTimeout(fire, delayMs));
      timers.set(source, own);
    },
    cancel(source, id) {
      const handle = timers.get(source)?.get(id);
      if (handle === undefined) return;
      forget(source, id);
      clock.clearTimeout(handle);
    },
    cancelAll(source) {
      for (const handle of timers.get(source)?.values() ?? []) clock.clearTimeout(handle);
      timers.delete(source);
    },
  };
  const forget = (source: AnyActorRef, id: string) => {
    const own = timers.get(source);
    own?.delete(id);
    if (own?.size === 0) timers.delete(source);
  };
  return scheduler;
}
