import { errorInfo, type Happening } from '../../events.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Scope } from '../../kernel/scope.ts';
import { closedError } from './errors.ts';

/** Who uses the bus: an incarnation, or the code outside the tree. */
export interface Party {
  readonly path: string;
  readonly incarnation: number;
  /** Why it may not subscribe or wait any more; undefined while it may. */
  readonly endReason: Error | undefined;
  /** Calls code of the user's in its name. */
  call<Result>(code: () => Result): Result;
  /** It takes the blame for an error. Says whether that is its end. */
  fail(error: unknown): boolean;
  record(happening: Happening): void;
  /** @throws when it may not act any more */
  assertAlive(what: string): void;
  /** @throws when it may not subscribe any more */
  assertOpen(what: string): void;
  /** Calls back when its end begins. */
  onEnd(callback: () => void): () => void;
}

export function partyOf(scope: Scope): Party {
  return {
    path: scope.path,
    incarnation: scope.incarnation,
    get endReason() {
      return scope.cancelReason;
    },
    call: (code) => scope.attribute(code),
    fail(error) {
      scope.fail(error);
      return true;
    },
    record: (happening) => scope.record(happening),
    assertAlive(what) {
      if (scope.isOver) throw scope.stale(what);
    },
    assertOpen(what) {
      if (scope.cancelReason) throw scope.stale(what);
    },
    onEnd: (callback) => scope.onCancel(callback),
  };
}

/** The code outside the tree: what it fails at is an event and nothing else. */
export class Outsider implements Party {
  readonly path: string;
  readonly incarnation = 0;
  readonly #kernel: Kernel;
  readonly #onEnd = new Set<() => void>();
  #endReason: Error | undefined;

  constructor(kernel: Kernel, path: string) {
    this.#kernel = kernel;
    this.path = path;
  }

  get endReason(): Error | undefined {
    return this.#endReason;
  }

  call<Result>(code: () => Result): Result {
    return this.#kernel.attribute(this, code);
  }

  fail(error: unknown): boolean {
    this.record({ type: 'listener-failed', error: errorInfo(error) });
    return false;
  }

  record(happening: Happening): void {
    this.#kernel.journal.record(undefined, happening);
  }

  assertAlive(): void {}

  assertOpen(): void {
    if (this.#endReason) throw this.#endReason;
  }

  onEnd(callback: () => void): () => void {
    this.#onEnd.add(callback);
    return () => this.#onEnd.delete(callback);
  }

  /** The system is down. */
  end(): void {
    this.#endReason = closedError(this.path);
    for (const callback of this.#onEnd) callback();
    this.#onEnd.clear();
  }
}
