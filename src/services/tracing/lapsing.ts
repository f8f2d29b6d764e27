import type { ApiContext } from './api.ts';

/**
 * A context that is another one as soon as that is over: what a `start` hook leaves running, such as
 * a server that it opened, is no part of the start any more when that has ended.
 */
export class LapsingContext implements ApiContext {
  readonly #inner: ApiContext;
  readonly #afterwards: ApiContext;
  readonly #isOver: () => boolean;

  constructor(inner: ApiContext, afterwards: ApiContext, isOver: () => boolean) {
    this.#inner = inner;
    this.#afterwards = afterwards;
    this.#isOver = isOver;
  }

  get #now(): ApiContext {
    return this.#isOver() ? this.#afterwards : this.#inner;
  }

  getValue(key: symbol): unknown {
    return this.#now.getValue(key);
  }

  setValue(key: symbol, value: unknown): ApiContext {
    return this.#now.setValue(key, value);
  }

  deleteValue(key: symbol): ApiContext {
    return this.#now.deleteValue(key);
  }
}
