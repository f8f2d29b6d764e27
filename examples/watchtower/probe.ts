import { type Context, type Decision, service } from 'daruma';
import { incidents } from './incidents.ts';
import { ledger } from './ledger.ts';
import { checkUrl } from './lib/check-url.ts';
import { rest } from './lib/rest.ts';
import { settingsOf } from './settings.ts';
import { target } from './target.ts';

/** What to probe, and what to call it. */
export interface Probed {
  readonly name: string;
  readonly url: string;
}

class HopelessError extends Error {}

const needs = { ledger, incidents };
const options = {
  watchdog: '30s',
  input: { name: '', url: '' } as Probed,
  // What can never work is not tried again; whatever else befalls a probe is.
  decide: (error: unknown): Decision => (error instanceof HopelessError ? 'stop' : 'restart'),
} as const;

/** Probes one URL out there. */
export const probe = service('probe', { ...options, needs }, (ctx) => watch(ctx, ctx.input.url));

/** Probes one page of the built-in target; suspended, not failed, while that is down. */
export const targetProbe = service(
  'target-probe',
  { ...options, needs: { ...needs, target } },
  (ctx) => watch(ctx, new URL(ctx.input.url, ctx.needs.target).href),
);

async function watch(ctx: Context<typeof needs, unknown, unknown, Probed>, url: string) {
  const { every, timeout, failures: limit } = settingsOf(ctx);
  const { name: subject } = ctx.input;
  const series = ctx.needs.ledger.probe(subject, shown(url));
  for (;;) {
    const result = await checkUrl(url, timeout, ctx.signal);
    const inARow = series.record(result, ctx.now());
    if (result.isHopeless) {
      ctx.send(incidents, 'open', { subject, reason: result.outcome });
      throw new HopelessError(`${shown(url)} can never be probed: ${result.outcome}`);
    }
    if (inARow === 0) {
      ctx.health('healthy');
      ctx.send(incidents, 'resolve', { subject });
    } else if (inARow < limit) {
      ctx.health('degraded', result.outcome);
    } else {
      const reason = `${result.outcome}, ${limit} times in a row`;
      ctx.health('unhealthy', reason);
      ctx.send(incidents, 'open', { subject, reason });
    }
    await rest(ctx, every);
  }
}

/** Without a query: it is long, and may be secret. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
