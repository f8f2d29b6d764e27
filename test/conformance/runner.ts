import type { Mismatch } from './assertions.ts';
import { Stage } from './stage.ts';
import { perform } from './steps.ts';
import { faultsOf } from './validate.ts';
import type { Scenario, Step } from './vocabulary.ts';

/** What came of one scenario. */
export type Verdict =
  | { readonly kind: 'passed'; readonly name: string }
  /** It is not in the vocabulary, or a step of it cannot be carried out. */
  | {
      readonly kind: 'error';
      readonly name: string;
      readonly faults: readonly string[];
      readonly log: readonly string[];
    }
  | {
      readonly kind: 'failed';
      readonly name: string;
      /** Which step, and what it does. */
      readonly step: string;
      readonly mismatches: readonly Mismatch[];
      readonly log: readonly string[];
    };

/** How long a scenario may take on the clock of the machine before it counts as never at rest. */
const patienceMs = 10_000;

/** Runs one scenario of a file against the kernel. Never rejects. */
export async function runScenario(scenario: unknown): Promise<Verdict> {
  const name = nameOf(scenario);
  const faults = faultsOf(scenario);
  if (faults.length > 0) return { kind: 'error', name, faults, log: [] };
  const stage = new Stage(scenario as Scenario);
  const patience = Promise.withResolvers<Verdict>();
  const timer = setTimeout(() => {
    const fault = `it does not come to rest within ${patienceMs / 1_000} s`;
    patience.resolve({ kind: 'error', name, faults: [fault], log: stage.log.lines() });
  }, patienceMs);
  const verdict = await Promise.race([play(stage, name), patience.promise]);
  clearTimeout(timer);
  stage.close();
  return verdict;
}

async function play(stage: Stage, name: string): Promise<Verdict> {
  for (const [index, step] of stage.scenario.steps.entries()) {
    try {
      const mismatches = await perform(stage, step);
      if (mismatches.length === 0) continue;
      return {
        kind: 'failed',
        name,
        step: `steps[${index}] ${labelOf(step)}`,
        mismatches,
        log: stage.log.lines(),
      };
    } catch (error) {
      const fault = `steps[${index}]: ${error instanceof Error ? error.message : String(error)}`;
      return { kind: 'error', name, faults: [fault], log: stage.log.lines() };
    }
  }
  return { kind: 'passed', name };
}

export function nameOf(scenario: unknown): string {
  const { id, title } = (scenario ?? {}) as { id?: unknown; title?: unknown };
  const names = [id, title].filter((text) => typeof text === 'string' && text !== '');
  return names.length === 0 ? '(a scenario without an id)' : names.join('  ');
}

/** A step in a word, for people. */
function labelOf(step: Step): string {
  return step.do === 'call' ? `(${step.fn} at ${step.at})` : `(${step.do})`;
}
