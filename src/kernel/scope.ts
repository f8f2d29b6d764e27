import type { Happening } from '../events.ts';
import { backstage } from './backstage.ts';
import type { Wait } from './cleanup.ts';
import type { Kernel } from './kernel.ts';

/**
 * A piece of work with an end: an incarnation, or a part of one that has a signal of its own, such as
 * one run of a schedule. What is begun with its context ends with it.
 */
export interface Scope {
  readonly kernel: Kernel;
  readonly path: string;
  readonly incarnation: number;
  /** Why it is over, once its end has begun. */
  readonly cancelReason: Error | undefined;
  /** It is over, or was abandoned: nothing that it does may count any more. */
  readonly isOver: boolean;
  /** Calls back when its end begins; returns the undoing of that. */
  onCancel(callback: () => void): () => void;
  /** Runs when it is over. */
  defer(step: () => unknown): void;
  /** Waits, before it is over, for what still uses it. Must not fail. */
  waitFor(wait: Wait): void;
  /** Waits for what is under way when it is drained. Must not fail. */
  drainFirst(wait: Wait): void;
  /** What was begun with its context has failed: so has it. */
  fail(error: unknown): void;
  /** For whoever uses its context when it is over. */
  stale(what: string): Error;
  /** Puts an event of it into the journal. */
  record(happening: Happening): void;
  /** Calls user code so that what it leaves behind is attributed to its child. */
  attribute<Result>(call: () => Result): Result;
}

/** Where a context that is narrower than its incarnation's says what it is the context of. */
export const scopeKey = Symbol('scope');

/** What a context is the context of. */
export function scopeOf(context: unknown): Scope {
  if (typeof context === 'object' && context !== null && scopeKey in context) {
    return context[scopeKey] as Scope;
  }
  return backstage(context);
}
