import { manual, service, supervisor } from 'daruma';

// The back office of a small shop. Nothing here is real but the way it fails.

const database = service('database', {
  stopWithin: '2s',
  // Resolved is ready: whoever needs the database finds this map as `ctx.needs.database`.
  start: async (ctx) => {
    await ctx.sleep('200ms');
    // Disposed of on every exit, whatever the cause.
    return ctx.use(new Map<number, 'packed' | 'delivered'>(), (orders) => orders.clear());
  },
  run: async (ctx) => {
    await ctx.sleep('6s');
    if (ctx.incarnation === 1) throw new Error('connection lost');
    await ctx.sleep('1d');
  },
});

const migration = service(
  'migration',
  // Transient: started again when it fails, but done when it returns. It stays satisfied as a need.
  { needs: { database }, restart: 'transient', ready: manual<{ version: number }>() },
  async (ctx) => {
    await ctx.sleep('300ms');
    ctx.needs.database.set(0, 'packed');
    ctx.ready({ version: 7 });
  },
);

// Two sides of one ledger: when one has failed, what the other believes is worth nothing.
const bookings = service('bookings', { start: (ctx) => ctx.log.info('opens its books') });
const payments = service('payments', async (ctx) => {
  await ctx.sleep('3s');
  if (ctx.incarnation === 1) throw new Error('the bank hung up');
  await ctx.sleep('1d');
});

const courier = service(
  'courier',
  {
    needs: { database, migration },
    // 400 ms, 800 ms, 1.6 s: without jitter they are easier to see.
    backoff: { first: '400ms', max: '10s', jitter: 'none' },
  },
  async (ctx) => {
    await ctx.sleep('100ms');
    if (ctx.incarnation < 4) throw new Error('the van does not start');
    ctx.log.info(`is on the road, with schema ${ctx.needs.migration.version}`);
    for (;;) {
      await ctx.sleep('1s');
      for (const [id, state] of ctx.needs.database) {
        if (state === 'delivered') continue;
        ctx.needs.database.set(id, 'delivered');
        ctx.log.info(`delivers order ${id}`);
      }
    }
  },
);

// Started for one order, and done with it.
const order = service('order', { needs: { database }, input: { id: 0 } }, async (ctx) => {
  await ctx.sleep(500 + 1000 * ctx.random());
  ctx.needs.database.set(ctx.input.id, 'packed');
});

const counter = service('counter', { needs: { migration } }, async (ctx) => {
  for (let id = 1; ; id++) {
    await ctx.sleep('2s');
    // A child of its own: supervised below `shop/trade/counter/`, and stopped with it.
    await ctx.spawn(order, { id: `order-${id}`, input: { id } });
  }
});

export default supervisor('shop', [
  // What comes later stands on what came before: a new database needs a new migration.
  supervisor('storage', { strategy: 'rest-for-one' }, [database, migration]),
  supervisor('ledger', { strategy: 'one-for-all' }, [bookings, payments]),
  // Each for itself, all at once; only their needs give an order.
  supervisor('trade', { start: 'parallel' }, [courier, counter]),
]);
