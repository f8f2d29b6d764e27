import type { AnyDefinition, AnyService } from '../../../src/define/definition.ts';
import { queue, type SystemOptions, supervisor } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';
import { Office, SharedEngine } from '../office.ts';

/** Puts a pipeline into a tree of its own and starts that. */
export async function started(pipeline: AnyDefinition, options: SystemOptions = {}) {
  return await new Lab(supervisor('app', [pipeline]), options).start();
}

export const orders = queue<number>('orders', {
  maxAttempts: 3,
  backoff: { first: '1s', jitter: 'none' },
});
/**
 * Starts a pipeline whose items are orders, in an office.
 *
 * @param engine what its storage is, where others use the same
 */
export async function opened(definition: unknown, engine = new SharedEngine()) {
  const office = new Office([definition as AnyService], {}, engine);
  await office.start();
  await office.clock.settle();
  const add = async (...payloads: number[]) => {
    const jobs = payloads.map((payload) => ({ payload }));
    const added = await office.jobs.enqueueMany(orders, jobs);
    await office.clock.settle();
    return added.map(({ id }) => id);
  };
  const stateOf = async (id: string | undefined) =>
    (await office.jobs.get(orders, id as string))?.state;
  return { office, engine, add, stateOf };
}

/** A source that gives what a test puts into it, and ends when the test says so. */
export class Faucet<Item> implements AsyncIterable<Item> {
  readonly #ready: Item[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;
  #error: unknown;
  /** How many items have been asked for. */
  asked = 0;
  returned = 0;

  put(...items: Item[]): void {
    this.#ready.push(...items);
    this.#wake?.();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#error = error;
    this.#wake?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<Item> {
    return {
      next: async () => {
        this.asked++;
        while (this.#ready.length === 0 && !this.#isClosed && !this.#error) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        if (this.#error) {
          const error = this.#error;
          this.#error = undefined;
          throw error;
        }
        if (this.#ready.length === 0) return { done: true, value: undefined };
        return { done: false, value: this.#ready.shift() as Item };
      },
      return: async () => {
        this.returned++;
        this.close();
        return { done: true, value: undefined };
      },
    };
  }
}

/** Work that ends when the test says so. */
export class Gate<Result = void> {
  readonly waiting: { resolve(result: Result): void; reject(error: unknown): void }[] = [];

  readonly pass = (): Promise<Result> => {
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  };

  /** Lets the one that has waited longest go on. */
  open(result: Result): void {
    this.waiting.shift()?.resolve(result);
  }

  break(error: unknown): void {
    this.waiting.shift()?.reject(error);
  }
}
