import {
  type Engine,
  EngineError,
  type EngineFailure,
  type FailureCode,
  type ResultsOf,
  type Step,
} from '../services/engine/engine.ts';
import { reads } from '../services/engine/operations.ts';
import { digestOf, type SimulationHappening } from './trace.ts';

type Stored = Extract<SimulationHappening, { readonly type: 'stored' }>;

/** What a simulated storage takes from its simulation. */
export interface StorageStage {
  readonly now: number;
  /** Calls back after so many virtual milliseconds. */
  later(ms: number, step: () => void): void;
  note(stored: Stored, path: string): void;
}

/** What the next write meets. */
export interface WriteFault {
  readonly code: FailureCode;
  /** It is stored all the same, and nobody is told. */
  readonly isStored: boolean;
}

const longestValue = 80;

/**
 * An engine with faults around it. What services write and read goes on record, so that an invariant
 * can tell whether what was acknowledged is there.
 */
export class SimulatedStorage implements Engine {
  readonly #inner: Engine;
  readonly #stage: StorageStage;
  readonly #writeFaults: WriteFault[] = [];
  #downUntil = 0;
  #slowUntil = 0;
  #delayMs = 0;
  /** The last one that waits: nobody overtakes it. */
  #tail: Promise<void> | undefined;

  constructor(inner: Engine, stage: StorageStage) {
    this.#inner = inner;
    this.#stage = stage;
  }

  // For faults.

  failWrites(count: number, fault: WriteFault): void {
    for (let left = count; left > 0; left--) this.#writeFaults.push(fault);
  }

  goDown(ms: number): void {
    this.#downUntil = Math.max(this.#downUntil, this.#stage.now + ms);
  }

  slowDown(ms: number, delayMs: number): void {
    this.#slowUntil = this.#stage.now + ms;
    this.#delayMs = delayMs;
  }

  // For services.

  submit<const Steps extends readonly Step[]>(
    steps: Steps,
    options?: { readonly isRehearsal?: boolean },
  ): Promise<ResultsOf<Steps>> {
    const isSlow = this.#stage.now < this.#slowUntil;
    if (!isSlow && !this.#tail) return this.#carryOut(steps, options);
    const turn = this.#turn(isSlow ? this.#delayMs : 0);
    return turn.then(() => this.#carryOut(steps, options));
  }

  watch(queue: string, listener: () => void): () => void {
    return this.#inner.watch(queue, listener);
  }

  close(): Promise<void> | undefined {
    return this.#inner.close();
  }

  abort(): void {
    this.#inner.abort();
  }

  #turn(delayMs: number): Promise<void> {
    const before = this.#tail ?? Promise.resolve();
    const turn = before.then(() => new Promise<void>((go) => this.#stage.later(delayMs, go)));
    this.#tail = turn;
    void turn.then(() => {
      if (this.#tail === turn) this.#tail = undefined;
    });
    return turn;
  }

  async #carryOut<Steps extends readonly Step[]>(
    steps: Steps,
    options?: { readonly isRehearsal?: boolean },
  ): Promise<ResultsOf<Steps>> {
    if (this.#stage.now < this.#downUntil) throw injected('DARUMA_STORAGE_UNUSABLE');
    const isWrite = options?.isRehearsal !== true && steps.some(([name]) => !reads.has(name));
    const fault = isWrite ? this.#writeFaults.shift() : undefined;
    if (fault && !fault.isStored) {
      if (fault.code === 'DARUMA_STORAGE_LOST') this.#record(steps, [], 'tried');
      throw injected(fault.code);
    }
    const results = await this.#inner.submit(steps, options);
    if (options?.isRehearsal !== true) this.#record(steps, results, fault ? 'tried' : 'wrote');
    if (fault) throw injected(fault.code);
    return results;
  }

  #record(steps: readonly Step[], results: readonly unknown[], did: 'wrote' | 'tried'): void {
    for (const [index, [name, args]] of steps.entries()) {
      const note = (rest: Pick<Stored, 'did' | 'key' | 'value' | 'expires'>) => {
        const { owner, store } = args as { readonly owner: string; readonly store: string };
        this.#stage.note({ type: 'stored', store, ...rest }, owner);
      };
      if (name === 'entries.set') {
        const expires = args.expiresAt !== null;
        note({ did, key: args.key, value: shortened(args.value), expires });
      } else if (name === 'entries.delete') {
        note({ did, key: args.key, value: null, expires: false });
      } else if (name === 'entries.clear') {
        note({ did, key: null, value: null, expires: false });
      } else if (name === 'entries.get') {
        const found = results[index] as string | undefined;
        note({ did: 'read', key: args.key, value: shortened(found), expires: false });
      }
    }
  }
}

function shortened(value: string | undefined): string | null {
  if (value === undefined) return null;
  return value.length > longestValue ? digestOf(value) : value;
}

function injected(code: FailureCode): EngineError {
  const failure: EngineFailure = {
    code,
    message: 'injected: the storage fails.',
    hint: 'A fault of the simulation.',
  };
  return new EngineError(failure);
}
