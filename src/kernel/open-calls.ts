import type { Refusal } from '../../actors/rules/crew.ts';
import type { ItemSpec } from '../define/spec.ts';

/** @param refusal why it was not done; undefined: it was */
export type Settle = (refusal: Refusal | undefined) => void;

interface OpenCall {
  readonly settle: Settle;
  /** What it wants to add. */
  readonly spec: ItemSpec | undefined;
}

/** The calls that a supervisor has been given and has not answered, by number. */
export class OpenCalls {
  readonly #calls = new Map<number, OpenCall>();
  #next = 1;

  /** Its number, by which it is answered. */
  open(settle: Settle, spec?: ItemSpec): number {
    const call = this.#next++;
    this.#calls.set(call, { settle, spec });
    return call;
  }

  specOf(call: number): ItemSpec | undefined {
    return this.#calls.get(call)?.spec;
  }

  /** Takes the call off the list; undefined: it was answered before. */
  close(call: number): Settle | undefined {
    const settle = this.#calls.get(call)?.settle;
    this.#calls.delete(call);
    return settle;
  }

  refuseAll(refusal: Refusal): void {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { settle } of calls) settle(refusal);
  }
}
