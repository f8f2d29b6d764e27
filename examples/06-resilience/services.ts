import { policy, service, supervisor } from 'daruma';

// A small travel agency that asks others for weather and seats. Both fail on purpose.

const startedAt = Date.now();

/** Down for some seconds, then back. Stands for a call over the network. */
async function forecast(now: number): Promise<string> {
  if (now - startedAt > 2_500 && now - startedAt < 5_500) throw new Error('503 from the weather');
  return 'sunny';
}

// Made once, up here: every call and every incarnation shares the breaker.
const weather = policy('weather', {
  timeout: '500ms',
  retry: { maxAttempts: 2, backoff: { first: '50ms', jitter: 'none' } },
  breaker: { failures: 4, recovery: '2s' },
  fallback: () => 'unknown',
});

const seats = policy('seats', {
  bulkhead: { concurrency: 2, queue: 10 },
  rateLimit: { limit: 5, per: '1s' },
});

const advisor = service('advisor', async (ctx) => {
  for (let nth = 1; ; nth++) {
    const sky = await weather.run(ctx, () => forecast(ctx.now()));
    const { breaker } = weather.state(ctx);
    ctx.log.info(`forecast ${nth}: ${sky} (breaker ${breaker?.status})`);
    await ctx.sleep('500ms');
  }
});

const booking = service('booking', async (ctx) => {
  for (;;) {
    const began = ctx.now();
    // Twelve at once; the policy lets through what the other side can bear.
    const booked = Array.from({ length: 12 }, () => seats.run(ctx, () => ctx.sleep('100ms')));
    await Promise.all(booked);
    ctx.log.info(`booked 12 seats in ${Math.round((ctx.now() - began) / 1_000)} s`);
    await ctx.sleep('2s');
  }
});

// Its token has expired: no retry helps. Ten failures within a minute are too many.
const invoices = service(
  'invoices',
  { backoff: { first: '100ms', max: '400ms', jitter: 'none' } },
  async (ctx) => {
    await ctx.sleep('100ms');
    throw new Error('401: the token has expired');
  },
);

export default supervisor('agency', { start: 'parallel' }, [
  advisor,
  booking,
  // A budget of its own: it is given up, the agency stays open, and the log says so.
  supervisor('guard', { intensity: 10, period: '1m', whenExhausted: 'give-up' }, [invoices]),
]);
