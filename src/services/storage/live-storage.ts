import type { Storage, Transaction, TransactionOptions } from '../../define/storage.ts';
import { toMs } from '../../kernel/durations.ts';
import type { Access } from './access.ts';
import { invalidOptionError } from './errors.ts';
import { runTransaction } from './run-transaction.ts';
import type { Running } from './running.ts';
import { StoredThings } from './stored-things.ts';

const defaultWithinMs = 5_000;

/** `ctx.storage` of one incarnation. */
export class LiveStorage extends StoredThings implements Storage {
  readonly #access: Access;
  readonly #running: Running;

  constructor(access: Access, running: Running) {
    super(access);
    this.#access = access;
    this.#running = running;
  }

  async transaction<Result>(
    fn: (tx: Transaction) => Result | Promise<Result>,
    { within = defaultWithinMs, lease }: TransactionOptions = {},
  ): Promise<Result> {
    this.#access.assertOpen('storage.transaction');
    if (typeof fn !== 'function') {
      throw invalidOptionError(this.#access.path, 'transaction(fn) needs a function.');
    }
    return await runTransaction(this.#access, this.#running, fn, { withinMs: toMs(within), lease });
  }
}
