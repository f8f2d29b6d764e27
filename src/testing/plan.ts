import type { Jitter } from '../../actors/rules/backoff.ts';
import type { WhenExhausted } from '../../actors/rules/roster.ts';
import type { LifecycleEvent } from '../events.ts';

/**
 * When a fault strikes. `on` an incarnation is independent of timing and shrinks best; `at` is
 * virtual milliseconds since the boot; `when` reaches narrow races: the n-th event of a type, plus a
 * delay.
 */
export type Trigger<Path extends string = string> =
  | { readonly on: Path; readonly incarnation: number }
  | { readonly at: number }
  | {
      readonly when: LifecycleEvent['type'];
      readonly of?: Path;
      /** From 1. @default 1 */
      readonly nth?: number;
      /** Milliseconds. @default 0 */
      readonly plus?: number;
    };

export type FaultParams = Readonly<Record<string, number | string | boolean>>;

/** One thing that goes wrong, as a value. */
export interface Fault<Path extends string = string> {
  /** A name of the fault catalogue. */
  readonly kind: string;
  readonly trigger: Trigger<Path>;
  /** Whom it strikes, where the trigger does not say. */
  readonly target?: Path;
  readonly params?: FaultParams;
}

/** Everything that a run does not take from the tree itself: it is generated before the run. */
export interface FaultPlan<Path extends string = string> {
  readonly faults: readonly Fault<Path>[];
  /** Which of the timers that are due at one instant goes first; missing entries mean the first. */
  readonly choices: readonly number[];
  /** Policies that the tree is run with instead of its own, by path and name. */
  readonly policy: Readonly<Record<string, PolicyVariation>>;
  /** Virtual milliseconds; the tree is stopped then, unless a fault has stopped it before. */
  readonly horizonMs: number;
  /** No fault strikes, and none lasts, in the last so many milliseconds: the tree may heal. @default 0 */
  readonly healMs?: number;
  /** Feeds `ctx.random()` and jitter. */
  readonly seed: number;
}

/** A policy that is varied, because some bugs no fault can reach under the tree's own. */
export interface PolicyVariation {
  readonly intensity?: number;
  readonly periodMs?: number;
  readonly whenExhausted?: WhenExhausted;
  /** Of a service or a supervisor. */
  readonly stopWithinMs?: number;
  readonly backoff?: {
    readonly firstMs?: number;
    readonly maxMs?: number;
    readonly factor?: number;
    readonly jitter?: Jitter;
    readonly resetAfterMs?: number;
  };
}

export const emptyPlan: FaultPlan = {
  faults: [],
  choices: [],
  policy: {},
  horizonMs: 60_000,
  seed: 1,
};
