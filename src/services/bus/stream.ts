import type { Observable } from 'rxjs';
import { GuardedObservable } from '../../kernel/observable.ts';
import type { AnyHandler, Inbox } from './inbox.ts';
import type { Party } from './party.ts';

/**
 * Events as an Observable. Every subscriber has a mailbox; one that throws, wherever in its
 * operators, fails the party, not the process.
 */
export function streamOf(
  party: Party,
  subscribe: (handler: AnyHandler) => Inbox,
): Observable<unknown> {
  const complaints = {
    current: undefined,
    reportListener: (error: unknown) => {
      party.fail(error);
      return undefined;
    },
  };
  return new GuardedObservable<unknown>(complaints, (subscriber) => {
    if (party.endReason) {
      subscriber.complete();
      return undefined;
    }
    const inbox = subscribe((payload) => subscriber.next(payload));
    inbox.onEnd(() => subscriber.complete());
    return () => inbox.end(true);
  });
}

/** Calls `next` with everything that an Observable emits; returns the end of that. */
export function observe(
  party: Party,
  source: Observable<unknown>,
  next: (value: unknown) => void,
): { readonly closed: boolean; unsubscribe(): void } {
  const fail = (error: unknown) => {
    if (party.fail(error)) subscription?.unsubscribe();
  };
  const guarded = (value: unknown) => {
    try {
      next(value);
    } catch (error) {
      fail(error);
    }
  };
  // What is emitted while it subscribes comes before there is anything to end.
  let subscription: { readonly closed: boolean; unsubscribe(): void } | undefined;
  subscription = party.call(() => source.subscribe({ next: guarded, error: fail }));
  const forget = party.onEnd(() => subscription.unsubscribe());
  return {
    get closed() {
      return subscription.closed;
    },
    unsubscribe() {
      forget();
      subscription.unsubscribe();
    },
  };
}
