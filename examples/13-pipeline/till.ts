import { fromEvery, fromHttp, pipeline } from 'daruma';
import * as v from 'valibot';

/** What shops send. They know more types of events than the till does. */
const shopEvent = v.object({
  type: v.string(),
  shop: v.pipe(v.string(), v.minLength(1)),
  cents: v.pipe(v.number(), v.integer()),
});

interface Account {
  readonly count: number;
  readonly cents: number;
}

/** How many slips a roll of paper is good for. */
const rollLength = 9;
let printed = 0;

/**
 * Webhooks in, sums out. What shops send is checked by the bank and booked; every other second the
 * books are read out. No more than eight events are under way at once: shops that send more are told
 * to come back.
 */
export const till = pipeline('till', {
  maxInFlight: 8,
  onShutdown: (ctx) => ctx.log.info('closes; what was taken in is booked'),
})
  .producer(
    'shops',
    fromHttp({ port: Number(process.env.PORT ?? 0), path: '/events', payload: shopEvent }),
  )
  .producer(
    'clock',
    fromEvery('2s', () => ({ type: 'reading' as const })),
  )
  .router('type')
  .on('sale', { timeout: '1s' }, async (sale, ctx) => {
    // The bank takes its time.
    await ctx.sleep('100ms');
    return { kind: 'slip', shop: sale.shop, cents: sale.cents } as const;
  })
  .on('refund', { timeout: '1s' }, async (refund, ctx) => {
    await ctx.sleep('100ms');
    return { kind: 'slip', shop: refund.shop, cents: -refund.cents } as const;
  })
  .on('reading', () => ({ kind: 'reading' }) as const)
  .fallback('unknown', (event, ctx) => {
    ctx.log.warn(`does not know what a ${event.type} is`);
  })
  .consumer('books', async (result, ctx) => {
    if (result.kind === 'reading') {
      const accounts = await ctx.storage.list<Account>();
      const lines = accounts.map(({ key, value }) => `${key} ${value.count} for ${euros(value)}`);
      ctx.log.info(`the books: ${lines.join(', ') || 'empty'}`);
      return;
    }
    await ctx.storage.transaction(async (tx) => {
      const { count, cents } = (await tx.get<Account>(result.shop)) ?? { count: 0, cents: 0 };
      await tx.set(result.shop, { count: count + 1, cents: cents + result.cents });
    });
  })
  .consumer(
    'printer',
    { backoff: { first: '200ms', factor: 1, jitter: 'none' } },
    (result, ctx) => {
      if (result.kind === 'reading') return;
      printed++;
      // Restarted it has a new roll, and begins with the same slip again. The books notice nothing.
      if (printed % rollLength === 0) throw new Error('out of paper');
      ctx.log.debug(`prints a slip for ${result.shop}`);
    },
  );

function euros({ cents }: Account): string {
  return (cents / 100).toFixed(2);
}
