import type { BreakerOptions } from '../../../src/index.ts';

type Status = 'closed' | 'open' | 'half-open';
type Ending = 'succeeds' | 'fails' | 'is aborted';

interface Known {
  readonly at: number;
  readonly hasFailed: boolean;
}

/** What the model asks of the options: every default filled in, times in milliseconds. */
export interface ModelOptions {
  readonly failures?: number;
  readonly failureRate?: number;
  readonly windowMs?: number;
  readonly windowCalls?: number;
  readonly minimumCalls: number;
  readonly recoveryMs: number;
  readonly probes: number;
  readonly successThreshold: number;
  readonly probeWithinMs: number;
}

export function optionsOf(model: ModelOptions): BreakerOptions {
  const { failures, failureRate, windowMs, windowCalls } = model;
  const window = windowCalls === undefined ? windowMs : { calls: windowCalls };
  return {
    ...(failures !== undefined && { failures }),
    ...(failureRate !== undefined && { failureRate, minimumCalls: model.minimumCalls }),
    ...(window !== undefined && { window }),
    recovery: model.recoveryMs,
    probes: model.probes,
    successThreshold: model.successThreshold,
    probeWithin: model.probeWithinMs,
  };
}

/** A breaker as plainly as it can be said: it remembers every call, and looks at all of them. */
export class BreakerModel {
  readonly #options: ModelOptions;
  status: Status = 'closed';
  changes = 0;
  #since = 0;
  #known: Known[] = [];
  #admitted = new Map<number, number>();
  #inFlight = new Set<number>();
  #lastProbeAt = 0;
  #successes = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
  }

  /** Time has come to be this; asked at every moment at which something may be due. */
  at(now: number): void {
    const isProbeLate =
      this.#inFlight.size > 0 && now >= this.#lastProbeAt + this.#options.probeWithinMs;
    if (this.status === 'half-open' && isProbeLate) this.#turn('open', now);
    if (this.status === 'open' && now >= this.#since + this.#options.recoveryMs) {
      this.#turn('half-open', now);
    }
  }

  /** Whether a call would be let through; if so it is. */
  begins(id: number, now: number): boolean {
    if (this.status === 'open') return false;
    if (this.status === 'half-open') {
      if (this.#inFlight.size >= this.#options.probes) return false;
      this.#inFlight.add(id);
      this.#lastProbeAt = now;
    }
    this.#admitted.set(id, this.changes);
    return true;
  }

  ends(id: number, ending: Ending, now: number): void {
    if (this.#admitted.get(id) !== this.changes) return;
    this.#inFlight.delete(id);
    if (ending === 'is aborted') return;
    const hasFailed = ending === 'fails';
    if (this.status === 'closed') {
      this.#known.push({ at: now, hasFailed });
      if (hasFailed && this.#isTooMuch(now)) this.#turn('open', now);
    } else if (hasFailed) this.#turn('open', now);
    else if (++this.#successes >= this.#options.successThreshold) this.#turn('closed', now);
  }

  #isTooMuch(now: number): boolean {
    const { failures, failureRate, windowMs, windowCalls, minimumCalls } = this.#options;
    if (failureRate === undefined) {
      const most = failures ?? 5;
      if (windowMs === undefined) {
        const last = this.#known.slice(-most);
        return last.length === most && last.every(({ hasFailed }) => hasFailed);
      }
      return (
        this.#known.filter((call) => call.hasFailed && now - call.at <= windowMs).length >= most
      );
    }
    const sliceMs = (windowMs ?? 60_000) / 10;
    const sliceOf = (at: number) => Math.floor(at / sliceMs);
    const counted =
      windowCalls === undefined
        ? this.#known.filter(({ at }) => sliceOf(at) > sliceOf(now) - 10)
        : this.#known.slice(-windowCalls);
    const failed = counted.filter(({ hasFailed }) => hasFailed).length;
    return counted.length >= minimumCalls && failed / counted.length >= failureRate;
  }

  #turn(status: Status, now: number): void {
    this.status = status;
    this.changes++;
    this.#since = now;
    this.#known = [];
    this.#inFlight.clear();
    this.#successes = 0;
  }
}
