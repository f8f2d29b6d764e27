import { Observable, type Observer, type Operator, Subscription } from 'rxjs';
import type { LifecycleEvent } from '../events.ts';
import { onErrand } from './attribution.ts';
import type { Journal } from './journal.ts';

/** Where failing subscribers are reported. */
export interface Complaints {
  /** The event that is being delivered. */
  readonly current: LifecycleEvent | undefined;
  /** Returns the event that says so, where there is one. */
  reportListener(error: unknown): LifecycleEvent | undefined;
}

type PartialObserver<Value> = Partial<Observer<Value>>;

/**
 * An Observable of the system whose subscribers cannot break it. RxJS throws the error of a failing
 * subscriber out of the process; here it is reported instead, through every operator in between. A
 * subscriber that fails on the report of its own failure is let go.
 */
export class GuardedObservable<Value> extends Observable<Value> {
  readonly #complaints: Complaints;

  constructor(
    complaints: Complaints,
    subscribe?: (this: Observable<Value>, subscriber: Observer<Value>) => undefined | (() => void),
  ) {
    super(subscribe);
    this.#complaints = complaints;
  }

  // RxJS makes the Observable behind an operator with this.
  override lift<Result>(operator?: Operator<Value, Result>): Observable<Result> {
    const lifted = new GuardedObservable<Result>(this.#complaints);
    const inner = lifted as unknown as { source: unknown; operator: unknown };
    inner.source = this;
    inner.operator = operator;
    return lifted;
  }

  override subscribe(
    observerOrNext?: PartialObserver<Value> | ((value: Value) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // An operator's own subscriber passes through: only what users wrote is guarded.
    if (isSubscriber(observerOrNext)) return super.subscribe(observerOrNext as Observer<Value>);
    const observer =
      typeof observerOrNext === 'function' || !observerOrNext
        ? { next: observerOrNext, error, complete }
        : observerOrNext;
    const complaints = this.#complaints;
    let lastReport: LifecycleEvent | undefined;
    const guard = (call: () => void) => {
      try {
        onErrand(undefined, call);
      } catch (failure) {
        if (lastReport && complaints.current === lastReport) subscription.unsubscribe();
        else lastReport = complaints.reportListener(failure);
      }
    };
    const subscription = new Subscription();
    subscription.add(
      super.subscribe({
        next: (value) => guard(() => observer.next?.call(observer, value)),
        error: (failure) => {
          if (observer.error) guard(() => observer.error?.call(observer, failure));
          else complaints.reportListener(failure);
        },
        complete: () => guard(() => observer.complete?.call(observer)),
      }),
    );
    return subscription;
  }
}

function isSubscriber(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'isStopped' in value && 'add' in value;
}

/**
 * An Observable over the life of a system: `begin` emits what is known now and returns the end of
 * its listening; it completes when the system has stopped.
 */
export function lifelong<Value>(
  journal: Journal,
  begin: (next: (value: Value) => void) => () => void,
): Observable<Value> {
  return new GuardedObservable<Value>(journal, (subscriber) => {
    const forget = begin((value) => subscriber.next(value));
    const undo = journal.onClose(() => subscriber.complete());
    return () => {
      undo();
      forget();
    };
  });
}
