import { isThenable, show } from '../../define/show.ts';
import { DefinitionError } from '../../errors.ts';
import { defaultTask, readTaskOptions, type TaskSpec } from './read-task-options.ts';
import type { TaskFunction, TaskOptions } from './types.ts';

/** What `task()` makes: a function with its options, to submit under as many ids as you like. */
export interface TaskDefinition<Input = unknown, Result = unknown> {
  readonly kind: 'task';
  readonly name: string;
  readonly run: TaskFunction<Input, Result | PromiseLike<Result>>;
  /** Its options, every default filled in. */
  readonly spec: TaskSpec;
}

/**
 * Defines a task that is submitted again and again:
 *
 * ```ts
 * const resize = task('resize', { timeout: '10s' }, async (ctx: TaskContext<{ file: string }>) => {
 *   return await shrink(ctx.input.file, { signal: ctx.signal });
 * });
 * worker.submit('resize-42', resize, { input: { file: '42.png' } });
 * ```
 *
 * Options that are given with `submit` go before those of the definition.
 *
 * @throws DefinitionError when an option is wrong, or there is no function
 */
export function task<Input, Returned>(
  name: string,
  run: TaskFunction<Input, Returned>,
): TaskDefinition<Input, Awaited<Returned>>;
export function task<Input, Returned>(
  name: string,
  options: TaskOptions,
  run: TaskFunction<Input, Returned>,
): TaskDefinition<Input, Awaited<Returned>>;
export function task(name: string, second: unknown, third?: unknown): TaskDefinition {
  const run = third ?? second;
  const options = third === undefined ? {} : (second as TaskOptions);
  if (typeof run !== 'function') throw noFunctionError(name, run);
  const spec = readTaskOptions(name, options, defaultTask);
  return Object.freeze({ kind: 'task', name, run: run as TaskFunction, spec });
}

export function isTaskDefinition(value: unknown): value is TaskDefinition {
  return typeof value === 'object' && value !== null && 'run' in value && 'spec' in value;
}

/** @param where the name of a definition, or the path of a worker */
export function noFunctionError(where: string, given: unknown): DefinitionError {
  return new DefinitionError([
    {
      code: 'DARUMA_INVALID_BODY',
      path: where,
      paths: [where],
      message: `the task is ${show(given)}; it must be a function or come from task().`,
      hint: isThenable(given) ? 'Was the function called? Give the function itself.' : undefined,
    },
  ]);
}
