import { service, supervisor } from 'daruma';

/** What a feed would send: record after record, for ever. */
const feed = service('feed', {
  start: () => ({ after: (position: number) => ({ position: position + 1, text: 'a record' }) }),
});

/**
 * Goes on where it was, after a crash of its own and after a `kill -9` of the process: a record counts
 * as handled when its position and what came of it are stored, both in one transaction.
 */
const reader = service('reader', { needs: { feed }, backoff: { first: '100ms' } }, async (ctx) => {
  const { storage, log, needs } = ctx;
  if (!(await storage.has('installed'))) {
    await storage.set('installed', new Date(ctx.now()).toISOString());
    log.info('runs for the first time');
  }
  const start = (await storage.get<number>('position')) ?? 0;
  log.info(start === 0 ? 'begins at the beginning' : `goes on behind record ${start}`);
  for (;;) {
    const position = (await storage.get<number>('position')) ?? 0;
    const record = needs.feed.after(position);
    await storage.transaction(async (tx) => {
      await tx.set('position', record.position);
      await tx.set(`record/${String(record.position).padStart(8, '0')}`, record.text);
    });
    log.info(`has handled record ${record.position}`);
    if (record.position % 5 === 0) throw new Error(`fell over behind record ${record.position}`);
    await ctx.sleep('200ms');
  }
});

/** A cache: what it has looked up stays good for two seconds. */
const rates = service('rates', async (ctx) => {
  for (;;) {
    const cached = await ctx.storage.get<number>('rate');
    const rate = cached ?? Math.round(100 + ctx.random() * 10);
    if (cached === undefined) await ctx.storage.set('rate', rate, { ttl: '2s' });
    ctx.log.info(`the rate is ${rate}${cached === undefined ? ', looked up' : ''}`);
    await ctx.sleep('700ms');
  }
});

export default supervisor('archive', [feed, reader, rates]);
