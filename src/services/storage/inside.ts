import { AsyncLocalStorage } from 'node:async_hooks';
import { nestedTransactionError } from './errors.ts';
import type { Running } from './running.ts';

/** A transaction from the inside: whatever its function begins, until the transaction is over. */
export interface Inside {
  readonly path: string;
  readonly running: Running;
  readonly outer: Inside | undefined;
  isOver: boolean;
}

const inside = new AsyncLocalStorage<Inside>();

/** Calls the function of a transaction. */
export function callInside<Result>(transaction: Inside, call: () => Result): Result {
  return inside.run(transaction, call);
}

/**
 * Enters a transaction of a service. One that is begun inside of another one of the same service
 * would wait for its own end.
 *
 * @throws `DARUMA_TRANSACTION_NESTED`
 */
export function enter(path: string, running: Running): Inside {
  const outer = inside.getStore();
  for (let around = outer; around; around = around.outer) {
    if (around.running === running && around.path === path && !around.isOver) {
      throw nestedTransactionError(path);
    }
  }
  return { path, running, outer, isOver: false };
}
