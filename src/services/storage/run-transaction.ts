import type { Transaction } from '../../define/storage.ts';
import type { Step } from '../engine/engine.ts';
import { closedFailure } from '../engine/failures.ts';
import type { Access } from './access.ts';
import { conflictError, failureError, transactionTimeoutError } from './errors.ts';
import { callInside, enter } from './inside.ts';
import { LiveTransaction } from './live-transaction.ts';
import type { Running } from './running.ts';
import { TransactionThings } from './transaction-things.ts';

/** Tries of one transaction: more means that something writes all the time beside it. */
const mostAttempts = 20;

type Body<Result> = (tx: Transaction) => Result | Promise<Result>;

/** What is stored together with a transaction, whatever that writes itself. */
export interface Enclosure {
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

/** Asked right before the commit, with what the function returned. */
export type Enclose<Result> = (result: Result) => Enclosure;

/**
 * Runs a function as a transaction: waits for its turn, calls it, commits, and calls it again when it
 * was overtaken. Settles within its limit, and when the system ends; only a commit that is under way
 * is waited for, as nobody could say otherwise what came of it.
 */
export async function runTransaction<Result>(
  access: Access,
  running: Running,
  body: Body<Result>,
  withinMs: number,
  enclose?: Enclose<Result>,
): Promise<Result> {
  const { path, clock } = access;
  const inside = enter(path, running);
  const attempts = new Attempts(access, (tx) => callInside(inside, () => body(tx)), enclose);
  const calledOff = Promise.withResolvers<never>();
  const callOff = (error: Error) => {
    if (attempts.callOff()) calledOff.reject(error);
  };
  const end = () => callOff(failureError(path, closedFailure));
  const timer = clock.setTimeout(() => callOff(transactionTimeoutError(path, withinMs)), withinMs);
  const forget = running.onOver(end);
  if (running.isOver) end();
  try {
    return await Promise.race([
      inTurn(path, running, attempts, calledOff.promise),
      calledOff.promise,
    ]);
  } finally {
    inside.isOver = true;
    clock.clearTimeout(timer);
    forget();
  }
}

/** A function that never returns keeps its turn no longer than its transaction lasts. */
async function inTurn<Result>(
  path: string,
  running: Running,
  attempts: Attempts<Result>,
  calledOff: Promise<never>,
): Promise<Result> {
  const endTurn = await running.turn(path);
  try {
    return await Promise.race([attempts.run(), calledOff]);
  } finally {
    endTurn();
  }
}

class Attempts<Result> {
  readonly #access: Access;
  readonly #body: Body<Result>;
  readonly #enclose: Enclose<Result> | undefined;
  #current: LiveTransaction | undefined;
  #isCommitting = false;
  #isCalledOff = false;

  constructor(access: Access, body: Body<Result>, enclose: Enclose<Result> | undefined) {
    this.#access = access;
    this.#body = body;
    this.#enclose = enclose;
  }

  /** Whether it could be: what is being committed cannot. */
  callOff(): boolean {
    if (this.#isCommitting) return false;
    this.#isCalledOff = true;
    this.#current?.end();
    return true;
  }

  async run(): Promise<Result> {
    for (let attempt = 0; attempt < mostAttempts && !this.#isCalledOff; attempt++) {
      const transaction = new LiveTransaction(this.#access);
      this.#current = transaction;
      try {
        return await this.#attempt(transaction);
      } catch (error) {
        if (!transaction.isOvertaken) throw error;
      } finally {
        this.#isCommitting = false;
      }
    }
    throw conflictError(this.#access.path, mostAttempts);
  }

  async #attempt(transaction: LiveTransaction): Promise<Result> {
    let value: Result;
    try {
      value = await this.#body(new TransactionThings(transaction));
      await transaction.settled();
    } finally {
      transaction.end();
    }
    // What comes of it counts for nobody any more.
    if (this.#isCalledOff || transaction.isOvertaken) throw conflictError(this.#access.path, 1);
    this.#isCommitting = true;
    await transaction.commit(this.#enclose?.(value));
    return value;
  }
}
