import { formatDuration, service } from 'daruma';
import { samples } from './queues.ts';
import { settingsOf } from './settings.ts';
import { checked } from './topics.ts';

const mostWaiting = 500;
const silentRounds = 10;

/** Counts every check, and has it written down. One that cannot be stored is tried again, and then reported. */
export const recorder = service('recorder', {
  start: (ctx) => {
    const checks = ctx.metrics.counter('watchtower_checks_total', 'Looks at a target.');
    const up = ctx.metrics.gauge('watchtower_target_up', '1 while the last look was good.');
    const took = ctx.metrics.histogram('watchtower_check_seconds', { help: 'Until the answer.' });
    let lastAt = ctx.now();
    const subscription = ctx.bus.on(
      checked,
      async (check) => {
        const { target, ok, ms, at } = check;
        await ctx.jobs.enqueue(samples, check);
        lastAt = at;
        checks.add(1, { target, outcome: ok ? 'ok' : 'failed' });
        up.set(ok ? 1 : 0, { target });
        if (ok) took.record(ms / 1_000, { target });
      },
      { orderBy: ({ target }) => target, maxAttempts: 3, onError: 'report' },
    );
    return { waiting: () => subscription.size, silentMs: () => ctx.now() - lastAt };
  },
  health: {
    backlog: (_ctx, { waiting }) =>
      waiting() <= mostWaiting || { status: 'degraded', reason: `${waiting()} checks wait` },
    news: (ctx, { silentMs }) => {
      const limit = silentRounds * settingsOf(ctx).every;
      const reason = `no check for ${formatDuration(silentMs())}`;
      return silentMs() <= limit || { status: 'degraded', reason };
    },
  },
});
