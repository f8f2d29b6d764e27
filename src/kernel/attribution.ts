import { AsyncLocalStorage } from 'node:async_hooks';
import type { Blame, Kernel } from './kernel.ts';

const owner = new AsyncLocalStorage<Blame>();
const errand = new AsyncLocalStorage<unknown>();

/** Calls user code such that what it leaves running can be traced back to its child. */
export const attributed: Kernel['attribute'] = (blame, call) => {
  return owner.run(blame, () => onErrand(blame.errand, call));
};

/** In whose name the code that is running now was called; undefined: in nobody's. */
export function currentOwner(): Blame | undefined {
  return owner.getStore();
}

/** Calls in nobody's name. */
export function unowned(call: () => void): void {
  owner.exit(call);
}

/** Without attribution it is still not on the errand of whoever happened to cause the call. */
export const unattributed: Kernel['attribute'] = (blame, call) => onErrand(blame.errand, call);

/**
 * Calls on an errand, or on none. Whatever calls code of somebody else must do so: the start of a
 * service that a job has restarted, or a message behind that of another job, would otherwise take
 * itself for a part of a job that it has nothing to do with.
 */
export function onErrand<Result>(what: unknown, call: () => Result): Result {
  return errand.getStore() === what ? call() : errand.run(what, call);
}

/** What the code that is running now was called for; undefined: for nothing in particular. */
export function currentErrand(): unknown {
  return errand.getStore();
}

/**
 * While active, an unhandled rejection or uncaught exception from code of a child fails that child
 * instead of the process. What belongs to nobody is given to `others`. Returns its end.
 */
export function attributeProcessErrors(
  others: (error: unknown, origin: string) => void,
): () => void {
  const onError = (error: unknown, origin: string) => {
    const blame = owner.getStore();
    if (blame) blame.fail(error);
    else others(error, origin);
  };
  const onRejection = (error: unknown) => onError(error, 'unhandledRejection');
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onError);
  return () => {
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onError);
  };
}
