import {
  type Engine,
  EngineError,
  type EngineFailure,
  type FailureCode,
  type ResultsOf,
  type Step,
} from '../services/engine/engine.ts';
import { closedFailure } from '../services/engine/failures.ts';
import { reads } from '../services/engine/operations.ts';
import { type JobStage, type RequestFault, SimulatedJobs } from './simulated-jobs.ts';
import { digestOf, type SimulationHappening } from './trace.ts';

type Stored = Extract<SimulationHappening, { readonly type: 'stored' }>;

/** What a simulated storage takes from its simulation. */
export interface StorageStage extends JobStage {
  note(happening: SimulationHappening, path?: string): void;
}

const longestValue = 80;

/** The process that reads and writes. One that was killed does nothing any more. */
interface Life {
  readonly isKilled: boolean;
  later(ms: number, step: () => void): void;
}

/**
 * A storage with faults around it. What services write and read goes on record, so that an invariant
 * can tell whether what was acknowledged is there. It outlives the processes that use it.
 */
export class SimulatedStorage {
  readonly #stage: StorageStage;
  readonly #writeFaults: RequestFault[] = [];
  /** The jobs that are kept in it. */
  readonly jobs: SimulatedJobs;
  /** That of the first process: the others find what it has stored. */
  #engine: Engine | undefined;
  #downUntil = 0;
  #slowUntil = 0;
  #delayMs = 0;

  constructor(stage: StorageStage) {
    this.#stage = stage;
    this.jobs = new SimulatedJobs(stage);
  }

  // For faults.

  failWrites(count: number, fault: RequestFault): void {
    for (let left = count; left > 0; left--) this.#writeFaults.push(fault);
  }

  goDown(ms: number): void {
    this.#downUntil = Math.max(this.#downUntil, this.#stage.now + ms);
  }

  slowDown(ms: number, delayMs: number): void {
    this.#slowUntil = this.#stage.now + ms;
    this.#delayMs = delayMs;
  }

  /** Somebody else does something to what is stored; nothing, where nobody has stored anything yet. */
  interfere(step: Step | undefined): void {
    if (!step || !this.#engine) return;
    void this.#engine.submit([step]).then((results) => this.jobs.record([step], results));
  }

  // For the processes.

  /** @param engine where it is kept, unless a process before has brought one */
  within(life: Life, engine: Engine): Engine {
    this.#engine ??= engine;
    return new Connection(this, life);
  }

  /** Milliseconds that a request takes now. */
  get delayMs(): number {
    return this.#stage.now < this.#slowUntil ? this.#delayMs : 0;
  }

  async carryOut<Steps extends readonly Step[]>(
    steps: Steps,
    options: { readonly isRehearsal?: boolean } | undefined,
  ): Promise<ResultsOf<Steps>> {
    if (this.#stage.now < this.#downUntil) throw injected('DARUMA_STORAGE_UNUSABLE');
    const isWrite = options?.isRehearsal !== true && steps.some(([name]) => !reads.has(name));
    const fault = isWrite ? this.#faultOf(steps) : undefined;
    if (fault && !fault.isStored) {
      if (fault.code === 'DARUMA_STORAGE_LOST') this.#record(steps, [], 'tried');
      throw injected(fault.code);
    }
    if (!this.#engine) throw new EngineError(closedFailure);
    const results = await this.#engine.submit(steps, options);
    if (options?.isRehearsal !== true) {
      this.#record(steps, results, fault ? 'tried' : 'wrote');
      this.jobs.record(steps, results);
    }
    if (fault) throw injected(fault.code);
    return this.jobs.answered(steps, results) as ResultsOf<Steps>;
  }

  /** Nobody uses it any more, for now: what is kept of jobs goes on record. */
  lookUp(): void {
    if (this.#engine) void this.jobs.lookUp(this.#engine);
  }

  watch(queue: string, listener: () => void): () => void {
    return this.#engine?.watch(queue, listener) ?? (() => {});
  }

  /** The simulation is over. */
  end(): void {
    this.#engine?.abort();
  }

  #faultOf(steps: readonly Step[]): RequestFault | undefined {
    return this.jobs.faultOf(steps) ?? this.#writeFaults.shift();
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

/** The storage as one process has it: its requests overtake each other no more than those of a file. */
class Connection implements Engine {
  readonly #storage: SimulatedStorage;
  readonly #life: Life;
  /** The last one that waits: nobody overtakes it. */
  #tail: Promise<void> | undefined;
  /** Requests that take their time. */
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #aborted = Promise.withResolvers<never>();
  #isClosed = false;
  #isAborted = false;

  constructor(storage: SimulatedStorage, life: Life) {
    this.#storage = storage;
    this.#life = life;
    this.#aborted.promise.catch(() => {});
  }

  submit<const Steps extends readonly Step[]>(
    steps: Steps,
    options?: { readonly isRehearsal?: boolean },
  ): Promise<ResultsOf<Steps>> {
    if (this.#life.isKilled) return new Promise(() => {});
    if (this.#isClosed) return Promise.reject(new EngineError(closedFailure));
    const { delayMs, jobs } = this.#storage;
    const answerMs = jobs.answerDelayMs(steps);
    const hasTurn = delayMs > 0 || this.#tail !== undefined;
    if (!hasTurn && answerMs === 0) return this.#storage.carryOut(steps, options);
    const turn = hasTurn ? this.#turn(delayMs) : Promise.resolve();
    const answer = turn.then(() =>
      this.#isAborted ? this.#aborted.promise : this.#storage.carryOut(steps, options),
    );
    return this.#late(answerMs > 0 ? answer.finally(() => this.#pause(answerMs)) : answer);
  }

  watch(queue: string, listener: () => void): () => void {
    return this.#storage.watch(queue, () => {
      if (!this.#life.isKilled && !this.#isClosed) listener();
    });
  }

  close(): Promise<void> | undefined {
    if (this.#isClosed || this.#life.isKilled) return undefined;
    this.#isClosed = true;
    if (this.#underWay.size === 0) {
      this.#storage.lookUp();
      return undefined;
    }
    return Promise.allSettled([...this.#underWay]).then(() => this.#storage.lookUp());
  }

  abort(): void {
    this.#isClosed = true;
    this.#isAborted = true;
    this.#aborted.reject(new EngineError(closedFailure));
  }

  #late<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const settled = Promise.race([answer, this.#aborted.promise]);
    this.#underWay.add(settled);
    const forget = () => this.#underWay.delete(settled);
    void settled.then(forget, forget);
    return settled;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((go) => this.#life.later(ms, go));
  }

  #turn(delayMs: number): Promise<void> {
    const before = this.#tail ?? Promise.resolve();
    const turn = before.then(() => this.#pause(delayMs));
    this.#tail = turn;
    void turn.then(() => {
      if (this.#tail === turn) this.#tail = undefined;
    });
    return turn;
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
