import type { BackoffPolicy } from '../../../actors/rules/backoff.ts';
import type { TaskPolicy } from '../../../actors/rules/task-hands.ts';
import { Faults } from '../../define/faults.ts';
import { OptionReader } from '../../define/option-reader.ts';
import type { TaskOptions, TaskRetry } from './types.ts';

/** The options of a task as they are used: every default filled in. */
export interface TaskSpec extends TaskPolicy {
  readonly priority: number;
  readonly retryable: TaskRetry['retryable'];
}

const known = ['priority', 'timeout', 'retry', 'cancelWithin', 'input'];
const misplaced = {
  maxAttempts: 'It is part of retry: { maxAttempts: 3 }.',
  maxRetries: 'Attempts are counted, the first included: retry: { maxAttempts: 3 }.',
  retries: 'Attempts are counted, the first included: retry: { maxAttempts: 3 }.',
  backoff: 'It is part of retry: { backoff: { ... } }.',
  id: 'The id is the first argument of submit().',
};

const backoff: BackoffPolicy = {
  firstMs: 1_000,
  maxMs: 30_000,
  factor: 2,
  jitter: 'full',
  resetAfterMs: 0,
};

export const defaultTask: TaskSpec = Object.freeze({
  priority: 0,
  maxAttempts: 1,
  timeoutMs: Number.POSITIVE_INFINITY,
  cancelWithinMs: 5_000,
  backoff: Object.freeze(backoff),
  retryable: undefined,
});

const infinity = { words: { infinity: Number.POSITIVE_INFINITY } };

/**
 * Reads the options of a task over those that it has already.
 *
 * @param where for messages: the path of the worker, or what the definition is called
 * @throws DefinitionError with everything that is wrong
 */
export function readTaskOptions(where: string, options: TaskOptions, base: TaskSpec): TaskSpec {
  const faults = new Faults();
  const reader = new OptionReader(options, where, faults);
  reader.refuseUnknown(known, misplaced);
  const spec = {
    priority: readPriority(reader, base.priority),
    timeoutMs: reader.duration('timeout', base.timeoutMs, { ...infinity, isPositive: true }),
    cancelWithinMs: reader.duration('cancelWithin', base.cancelWithinMs, infinity),
    ...readRetry(reader, base),
  };
  faults.throwIfAny();
  return spec;
}

function readPriority(reader: OptionReader, base: number): number {
  const given = reader.raw('priority');
  if (given === undefined) return base;
  if (Number.isFinite(given)) return given as number;
  reader.refuse('DARUMA_INVALID_OPTION', 'priority', 'it must be a number.');
  return base;
}

function readRetry(
  reader: OptionReader,
  base: TaskSpec,
): Pick<TaskSpec, 'maxAttempts' | 'backoff' | 'retryable'> {
  const given = reader.raw('retry');
  if (!isObject(given)) {
    if (given !== undefined) {
      const example = "retry: { maxAttempts: 3, backoff: { first: '1s' } }";
      reader.refuse('DARUMA_INVALID_OPTION', 'retry', 'it must be an object.', example);
    }
    const { maxAttempts, backoff, retryable } = base;
    return { maxAttempts, backoff, retryable };
  }
  const inner = new OptionReader(given, reader.path, reader.faults, 'retry.');
  inner.refuseUnknown(['maxAttempts', 'backoff', 'retryable'], misplaced);
  const attempts = base.maxAttempts > 1 ? base.maxAttempts : 3;
  return {
    maxAttempts: inner.number('maxAttempts', attempts, { min: 1, isWhole: true }),
    backoff: readBackoff(inner, base.backoff),
    retryable: inner.func('retryable', base.retryable),
  };
}

function readBackoff(reader: OptionReader, base: BackoffPolicy): BackoffPolicy {
  const given = reader.raw('backoff');
  if (!isObject(given)) {
    if (given !== undefined) {
      reader.refuse('DARUMA_INVALID_BACKOFF', 'backoff', 'it must be an object.');
    }
    return base;
  }
  const code = 'DARUMA_INVALID_BACKOFF';
  const inner = new OptionReader(given, reader.path, reader.faults, 'retry.backoff.');
  inner.refuseUnknown(['first', 'max', 'factor', 'jitter']);
  const firstMs = inner.duration('first', base.firstMs);
  return {
    firstMs,
    maxMs: inner.duration('max', Math.max(base.maxMs, firstMs)),
    factor: inner.number('factor', base.factor, { min: 1, code }),
    jitter: inner.choice('jitter', ['full', 'equal', 'none'], base.jitter, code),
    resetAfterMs: base.resetAfterMs,
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
