import type { AnySupervisor } from '../define/definition.ts';
import { type CheckOptions, checkTree, TreeCheckError } from './check-tree.ts';
import type { Violation } from './invariant.ts';
import { eventLine } from './report.ts';
import type { Trace } from './trace.ts';

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

interface LookedAt {
  readonly trace: Trace;
  readonly violations: readonly Violation[];
}

/**
 * For `expect.extend(treeMatchers)`, of vitest and others alike:
 *
 * - `expect(run).toHaveNoViolations()`: of a run of `simulate`
 * - `await expect(makeTree).toSurvive(options)`: that `checkTree` finds nothing
 */
export const treeMatchers = {
  toHaveNoViolations({ trace, violations }: LookedAt): MatcherResult {
    const [first] = violations;
    return {
      pass: !first,
      message: () =>
        first
          ? [
              `${first.invariant}, at ${first.path}: ${first.message}`,
              ...first.evidence.flatMap((seq) => {
                const event = trace.events[seq - 1];
                return event ? [eventLine(event)] : [];
              }),
            ].join('\n')
          : 'The run breaks no invariant.',
    };
  },

  async toSurvive(makeTree: () => AnySupervisor, options?: CheckOptions): Promise<MatcherResult> {
    try {
      const { runs, faults } = await checkTree(makeTree, options);
      return { pass: true, message: () => `It survived ${faults} faults in ${runs} runs.` };
    } catch (error) {
      if (!(error instanceof TreeCheckError)) throw error;
      return { pass: false, message: () => error.message };
    }
  },
};

/** The types of the matchers: extend your test runner's `Matchers` with it. */
export interface TreeMatchers<Result = void> {
  toHaveNoViolations(): Result;
  toSurvive(options?: CheckOptions): Promise<Result>;
}
