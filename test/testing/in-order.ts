import type { AnySupervisor } from '../../src/define/definition.ts';
import { checkTrace, emptyPlan, type Fault, runPlan } from '../../src/testing/index.ts';
import { defaultInvariants } from '../../src/testing/invariants/defaults.ts';

interface Ctx {
  sleep(duration: number | '1s'): Promise<void>;
}

export const loop = async (ctx: Ctx): Promise<void> => {
  for (;;) await ctx.sleep('1s');
};
export const lasting = (ms: number) => (ctx: Ctx) => ctx.sleep(ms);

export const backoff = { first: 500, jitter: 'none' } as const;
export const atOnce = { first: 0, jitter: 'none' } as const;

export const crash = (target: string, at: number): Fault => ({
  kind: 'crashAfter',
  trigger: { at },
  target,
  params: { ms: 0, error: 'Error' },
});

/** What the invariants object to in ten seconds of a tree that is in order. */
export async function violationsOf(
  make: () => AnySupervisor,
  ...faults: Fault[]
): Promise<string[]> {
  const plan = { ...emptyPlan, faults, horizonMs: 10_000 };
  const { trace, simulation } = await runPlan(make, plan);
  return checkTrace(simulation.tree, trace, defaultInvariants).map(({ message }) => message);
}
