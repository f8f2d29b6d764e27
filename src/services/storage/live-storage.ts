import type { Lease } from '../../define/lease.ts';
import type { Storage, Transaction, TransactionOptions } from '../../define/storage.ts';
import { toMs } from '../../kernel/durations.ts';
import type { Access } from './access.ts';
import { invalidOptionError } from './errors.ts';
import { type Enclose, runTransaction } from './run-transaction.ts';
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
    options?: TransactionOptions,
  ): Promise<Result> {
    return await this.transact(fn, options);
  }

  /** A transaction with something around it that counts with it or not at all. */
  async transact<Result>(
    fn: (tx: Transaction) => Result | Promise<Result>,
    { within = defaultWithinMs, lease }: TransactionOptions = {},
    enclose?: Enclose<Result>,
  ): Promise<Result> {
    this.#access.assertOpen('storage.transaction');
    if (typeof fn !== 'function') {
      throw invalidOptionError(this.#access.path, 'transaction(fn) needs a function.');
    }
    const enclosed = lease ? underLease(this.#access, lease, enclose) : enclose;
    return await runTransaction(this.#access, this.#running, fn, toMs(within), enclosed);
  }
}

/** It counts only while the lease is held. */
function underLease<Result>(
  access: Access,
  { name, token }: Lease,
  enclose: Enclose<Result> = () => ({ before: [], after: [] }),
): Enclose<Result> {
  return (result) => {
    const { before, after } = enclose(result);
    return { before: [['leases.expect', { name, token, now: access.now() }], ...before], after };
  };
}
