import {
  EngineError,
  type EngineFailure,
  type Outcome,
  type Request,
  type ResultsOf,
  type Step,
} from './engine.ts';
import { closedFailure, overloadedFailure } from './failures.ts';

/** Of one commit, at most: handing over more at once would hold up the event loop. */
const groupSize = 512;
const groupBytes = 4 * 1024 * 1024;
/** What a request weighs in memory, beside its texts. */
const requestBytes = 256;

export interface PumpOptions {
  /** What may wait to be stored, in bytes. */
  readonly maxPendingBytes: number;
  /** Whether a group can be taken now. Who says no calls `go` when it can. */
  readonly prepare: () => boolean;
  /** Carries out a group. Its end is told with `settle` or `lose`. */
  readonly send: (group: readonly Request[]) => void;
  /** A request was stored. */
  readonly onStored: (request: Request, results: readonly unknown[]) => void;
}

interface Waiting {
  readonly request: Request;
  readonly bytes: number;
  /** On the monotonic clock of the machine. */
  readonly since: number;
  readonly resolve: (results: readonly unknown[]) => void;
  readonly reject: (error: EngineError) => void;
}

/**
 * The queue of an engine whose commits take time: one group of requests is under way; what is
 * submitted meanwhile waits here and shares the next commit. So many writes wait for the disk once,
 * and the queue is in one place.
 */
export class GroupPump {
  readonly #options: PumpOptions;
  #waiting: Waiting[] = [];
  #underWay: readonly Waiting[] | undefined;
  #pendingBytes = 0;
  #isGoDue = false;
  #refusal: EngineFailure | undefined;

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  get isUnderWay(): boolean {
    return this.#underWay !== undefined;
  }

  get isRefusing(): boolean {
    return this.#refusal !== undefined;
  }

  get isIdle(): boolean {
    return !this.#underWay && this.#waiting.length === 0;
  }

  /** How long the one that waits longest has waited, in milliseconds; undefined: none waits. */
  get longestWaitMs(): number | undefined {
    const [first] = this.#waiting;
    return first && performance.now() - first.since;
  }

  submit<const Steps extends readonly Step[]>(
    steps: Steps,
    { isRehearsal = false } = {},
  ): Promise<ResultsOf<Steps>> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal ?? this.#overload();
      if (refusal) return reject(new EngineError(refusal));
      const bytes = weightOf(steps);
      this.#pendingBytes += bytes;
      this.#waiting.push({
        request: { steps, isRehearsal },
        bytes,
        since: performance.now(),
        resolve: resolve as (results: readonly unknown[]) => void,
        reject,
      });
      this.#goSoon();
    });
  }

  /** Takes the next group, if there is one and none is under way. */
  go(): void {
    if (this.#underWay || this.#waiting.length === 0 || !this.#options.prepare()) return;
    const size = groupSizeOf(this.#waiting);
    const group = this.#waiting.slice(0, size);
    this.#waiting = this.#waiting.slice(size);
    this.#underWay = group;
    this.#options.send(group.map(({ request }) => request));
  }

  /** A group of nothing, for what its answer says beside. */
  goEmpty(): void {
    if (this.#underWay) return;
    this.#underWay = [];
    this.#options.send([]);
  }

  /** What has come of the group that is under way; the next one is taken by `go`. */
  settle(outcomes: readonly Outcome[]): void {
    const group = this.#underWay ?? [];
    this.#underWay = undefined;
    for (const [index, waiting] of group.entries()) {
      const outcome = outcomes[index] ?? { failure: closedFailure };
      this.#pendingBytes -= waiting.bytes;
      if ('results' in outcome) this.#resolve(waiting, outcome.results);
      else waiting.reject(new EngineError(outcome.failure));
    }
  }

  /** Nobody knows what came of the group that is under way. */
  lose(failure: EngineFailure): void {
    const group = this.#underWay ?? [];
    this.#underWay = undefined;
    this.#reject(group, failure);
  }

  /** Rejects what waits longer than this. */
  giveUp(failure: EngineFailure, longerThanMs = 0): void {
    const latest = performance.now() - longerThanMs;
    const end = this.#waiting.findIndex(({ since }) => since > latest);
    const count = end === -1 ? this.#waiting.length : end;
    const given = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#reject(given, failure);
  }

  /** Takes nothing more in. */
  refuse(failure: EngineFailure): void {
    this.#refusal ??= failure;
  }

  #resolve({ request, resolve }: Waiting, results: readonly unknown[]): void {
    resolve(results);
    if (!request.isRehearsal) this.#options.onStored(request, results);
  }

  #overload(): EngineFailure | undefined {
    const { maxPendingBytes } = this.#options;
    if (this.#pendingBytes < maxPendingBytes) return undefined;
    return overloadedFailure(this.#pendingBytes, maxPendingBytes);
  }

  /** Together with everything else that is submitted in this turn. */
  #goSoon(): void {
    if (this.#isGoDue || this.#underWay) return;
    this.#isGoDue = true;
    queueMicrotask(() => {
      this.#isGoDue = false;
      this.go();
    });
  }

  #reject(group: readonly Waiting[], failure: EngineFailure): void {
    for (const { bytes, reject } of group) {
      this.#pendingBytes -= bytes;
      reject(new EngineError(failure));
    }
  }
}

/** How many of them go into the next commit: at least one. */
function groupSizeOf(waiting: readonly Waiting[]): number {
  let bytes = 0;
  const end = waiting.findIndex((each, index) => {
    bytes += each.bytes;
    return index === groupSize || (index > 0 && bytes > groupBytes);
  });
  return end === -1 ? waiting.length : end;
}

/** A text of UTF-16 takes two bytes for each unit at most. */
function weightOf(steps: readonly Step[]): number {
  let bytes = requestBytes;
  for (const [, args] of steps) bytes += textBytesOf(args);
  return bytes;
}

function textBytesOf(value: unknown): number {
  if (typeof value === 'string') return value.length * 2;
  if (typeof value !== 'object' || value === null) return 0;
  let bytes = 0;
  if (Array.isArray(value)) for (const part of value) bytes += textBytesOf(part);
  else for (const name in value) bytes += textBytesOf((value as Record<string, unknown>)[name]);
  return bytes;
}
