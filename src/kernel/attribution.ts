import { AsyncLocalStorage } from 'node:async_hooks';
import type { Blame, Kernel } from './kernel.ts';

const owner = new AsyncLocalStorage<Blame>();

/** Calls user code such that what it leaves running can be traced back to its child. */
export const attributed: Kernel['attribute'] = (blame, call) => owner.run(blame, call);

/** In whose name the code that is running now was called; undefined: in nobody's. */
export function currentOwner(): Blame | undefined {
  return owner.getStore();
}

/** Calls in nobody's name. */
export function unowned(call: () => void): void {
  owner.exit(call);
}

/** Without attribution user code is just called. */
export const unattributed: Kernel['attribute'] = (_blame, call) => call();

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
