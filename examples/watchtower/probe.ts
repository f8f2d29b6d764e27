import { every, type RunContext, supervisor } from 'daruma';
import { site } from './outside/site.ts';
import { type Answer, web } from './outside/web.ts';
import { type Finding, policyOf } from './probe-policy.ts';
import { settingsOf, type Target } from './settings.ts';
import { checked } from './topics.ts';

const period = (ctx: { readonly config: unknown }) => settingsOf(ctx).every;

const options = {
  immediately: true,
  // Ten targets are not asked in the same millisecond.
  jitter: '100ms',
  overlap: 'skip',
  // A look that was slept through says nothing about now.
  missed: 'drop',
  // A target that is down is a finding. What throws here is wrong with the probe.
  failAfter: 1,
  backoff: { first: '200ms', max: '2s' },
} as const;

/**
 * Looks at one target again and again, below a supervisor of its own: a probe that cannot do its
 * work is disabled after a few attempts, which concerns no other, and `--alerts` tells somebody.
 */
export function guardedProbe(target: Target, isOfSite: boolean) {
  const probe = isOfSite
    ? every('probe', period, { ...options, needs: { web, site } }, (ctx) =>
        look(ctx, target.name, new URL(target.url, ctx.needs.site).href),
      )
    : every('probe', period, { ...options, needs: { web } }, (ctx) =>
        look(ctx, target.name, target.url),
      );
  const tooManyErrors = { intensity: 2, period: '1m', whenExhausted: 'give-up' } as const;
  return supervisor(target.name, tooManyErrors, [probe]);
}

type ProbeContext = RunContext<{ readonly web: typeof web }>;

async function look(ctx: ProbeContext, target: string, url: string): Promise<void> {
  const { timeout, every: everyMs } = settingsOf(ctx);
  const began = ctx.now();
  let ms: number | undefined;
  const { state, outcome } = await policyOf(target, timeout, everyMs).run(
    ctx,
    async ({ signal }) => {
      const answer = await ctx.needs.web.get(url, signal);
      ms = answer.ms;
      return findingOf(answer);
    },
  );
  if (state === 'impossible') throw new Error(`cannot look: ${outcome}`);
  const took = ms ?? ctx.now() - began;
  ctx.bus.emit(checked, { target, at: ctx.now(), ok: state === 'up', ms: took, outcome });
}

/** @throws when it is worth another try */
function findingOf({ status, fault }: Answer): Finding {
  if (fault !== undefined) return { state: 'impossible', outcome: fault };
  const outcome = `HTTP ${status}`;
  if (status === 401 || status === 403) return { state: 'impossible', outcome };
  if (status >= 400) throw new Error(outcome);
  return { state: 'up', outcome };
}
