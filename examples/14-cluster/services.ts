import { cron, inTransaction, service, singleton, supervisor } from 'daruma';

/**
 * Hands out numbers, one replica at a time. The lease goes with every number that is stored: one that
 * stood still, and does not know yet that it has been replaced, hands none out any more.
 */
const numbers = singleton('numbers', { lease: '3s' }, (lease) =>
  service('clerk', async (ctx) => {
    ctx.log.info(`hands out numbers, with token ${lease.token}`);
    for (;;) {
      const number = await ctx.storage.transaction(
        async (tx) => {
          const next = ((await tx.get<number>('last')) ?? 0) + 1;
          await tx.set('last', next);
          return next;
        },
        { lease },
      );
      if (number % 5 === 0) ctx.log.info(`has handed out number ${number}`);
      await ctx.sleep('100ms');
    }
  }),
);

/** Rings once a second, in whichever replica is the first. */
const bell = cron('bell', '* * * * * *', { once: 'cluster' }, ({ due, log }) => {
  log.info(`rings at ${due.toISOString().slice(11, 19)}`);
});

/** Counts the seconds, each exactly once: the tick is a part of the transaction. */
const seconds = cron(
  'seconds',
  '* * * * * *',
  { once: 'cluster', missed: 'all' },
  inTransaction(async (tx, { due }) => {
    const first = (await tx.get<number>('first')) ?? due.getTime();
    const count = ((await tx.get<number>('count')) ?? 0) + 1;
    await tx.set('first', first);
    await tx.set('count', count);
  }),
);

export default supervisor('office', [numbers, bell, seconds]);
