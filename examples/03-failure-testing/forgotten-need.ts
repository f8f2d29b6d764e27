import { service, supervisor } from 'daruma';

/** A shop whose `orders` use the database without saying that they need it. */
export function makeShop() {
  const connection = { isOpen: false };

  const database = service('database', {
    start: async (ctx) => {
      await ctx.sleep('50ms');
      connection.isOpen = true;
      ctx.defer(() => {
        connection.isOpen = false;
      });
    },
  });

  // Bug: no `needs: { database }`. At the boot the order of the list hides it.
  const orders = service('orders', async (ctx) => {
    for (;;) {
      await ctx.sleep('100ms');
      if (!connection.isOpen) throw new Error('the connection is closed');
    }
  });

  return supervisor('shop', [database, orders]);
}
