import { CancelledError } from '../../errors.ts';
import type { Happening } from '../../events.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import { isAbort } from '../../kernel/failures.ts';
import type { LiveContext } from '../../kernel/live-context.ts';
import { Lifeline } from '../lifeline.ts';
import type { Work } from '../work-context.ts';
import { staleRunError } from './errors.ts';
import { LiveRun, type RunContext, type RunFacts } from './run-context.ts';

/** One call of the work of a schedule, with a signal and a cleanup of its own. */
export class RunAttempt implements Work {
  readonly base: LiveContext;
  readonly backstage: Backstage;
  readonly life: Lifeline;
  readonly context: RunContext;
  readonly #run: number;

  constructor(base: LiveContext, backstage: Backstage, facts: RunFacts) {
    this.base = base;
    this.backstage = backstage;
    this.life = new Lifeline(backstage.clock, (call) => this.attribute(call));
    this.#run = facts.run;
    this.context = new LiveRun(this, facts) as unknown as RunContext;
  }

  /** Calls the work and cleans up after it. */
  async carryOut(
    work: (ctx: RunContext) => unknown,
  ): Promise<{ readonly hasFailed: boolean; readonly error?: unknown }> {
    const caller = <Result>(call: () => Result): Result => this.attribute(call);
    const { life } = this;
    const errors: unknown[] = [];
    try {
      await caller(() => work(this.context));
    } catch (error) {
      errors.push(error ?? new TypeError('The work threw undefined instead of an error.'));
    }
    const isCancelled = life.isCancelled;
    life.cancel(new CancelledError(this.base.path));
    errors.push(...(await life.cleanup.run(caller)));
    life.end();
    const [error] = isCancelled ? errors.filter((each) => !isAbort(each)) : errors;
    return errors.length === 0 ? { hasFailed: false } : { hasFailed: true, error };
  }

  cancel(reason: Error): void {
    this.life.cancel(reason);
  }

  // For its context.

  bindings(): Readonly<Record<string, unknown>> {
    return { run: this.#run };
  }

  record(happening: Happening): void {
    this.backstage.record(happening);
  }

  failFor(error: unknown): void {
    this.backstage.fail(error);
  }

  attribute<Result>(call: () => Result): Result {
    return this.backstage.attribute(call);
  }

  stale(what: string): Error {
    return staleRunError(this.backstage.path, this.#run, what);
  }
}
