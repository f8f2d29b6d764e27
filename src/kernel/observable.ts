import { Observable, type Observer, type Operator, type Subscription } from 'rxjs';
import type { Journal } from './journal.ts';

type Reporter = (error: unknown) => void;
type Partial1<Value> = Partial<Observer<Value>>;

/**
 * An Observable of the system whose subscribers cannot break it. RxJS throws the error of a failing
 * subscriber out of the process; here it is reported instead, through every operator in between.
 */
export class GuardedObservable<Value> extends Observable<Value> {
  readonly #report: Reporter;

  constructor(
    report: Reporter,
    subscribe?: (this: Observable<Value>, subscriber: Observer<Value>) => undefined | (() => void),
  ) {
    super(subscribe);
    this.#report = report;
  }

  // RxJS makes the Observable behind an operator with this.
  override lift<Result>(operator?: Operator<Value, Result>): Observable<Result> {
    const lifted = new GuardedObservable<Result>(this.#report);
    const inner = lifted as unknown as { source: unknown; operator: unknown };
    inner.source = this;
    inner.operator = operator;
    return lifted;
  }

  override subscribe(
    observerOrNext?: Partial1<Value> | ((value: Value) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // An operator's own subscriber passes through: only what users wrote is guarded.
    if (isSubscriber(observerOrNext)) return super.subscribe(observerOrNext as Observer<Value>);
    const observer =
      typeof observerOrNext === 'function' || !observerOrNext
        ? { next: observerOrNext, error, complete }
        : observerOrNext;
    return super.subscribe({
      next: (value) => this.#guard(() => observer.next?.call(observer, value)),
      error: (failure) => {
        if (!observer.error) return this.#report(failure);
        this.#guard(() => observer.error?.call(observer, failure));
      },
      complete: () => this.#guard(() => observer.complete?.call(observer)),
    });
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#report(error);
    }
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
  return new GuardedObservable<Value>(
    (error) => journal.reportListener(error),
    (subscriber) => {
      const forget = begin((value) => subscriber.next(value));
      const undo = journal.onClose(() => subscriber.complete());
      return () => {
        undo();
        forget();
      };
    },
  );
}
