import { AssertionError } from 'node:assert';
import type { AnySupervisor } from '../../src/define/definition.ts';
import { service, supervisor } from '../../src/index.ts';
import type { WorkloadScript } from '../../src/testing/index.ts';

/** Without a stack: simulations make many of them. */
function claim(holds: boolean, what: string): asserts holds {
  if (!holds) throw new AssertionError({ message: what });
}

interface Connection {
  isOpen: boolean;
}

/**
 * A pool that fails is closed before those who use it can be stopped; and while a supervisor above
 * goes down, they have to wait for their turn.
 */
async function using(
  ctx: { sleep(ms: number): Promise<void> },
  connection: Connection,
  look = () => {},
): Promise<void> {
  for (let closed = 0; ; closed += connection.isOpen ? 0 : 1) {
    claim(closed < 13, 'the pool closed under those who use it');
    await ctx.sleep(2_000);
    look();
  }
}

/** Sends numbered messages, and once in a while several at a time. */
export const letters: WorkloadScript = (work) => {
  let number = 0;
  work.every('2s', (round) => {
    for (let left = round % 3; left >= 0; left--) {
      number++;
      work.send('witness/office/postman', 'letter', number);
    }
  });
};

/** Bodies that look at what the library promises them, and say so when it does not hold. */
export function witness(): AnySupervisor {
  const connections = new Set<Connection>();
  const clients = new Set<object>();

  const pool = service('pool', {
    stopWithin: '3s',
    start: async (ctx) => {
      // Held from the beginning, as whoever was given it would.
      const { signal } = ctx;
      const order: string[] = [];
      let isStopping = false;
      ctx.defer(() => {
        claim(order.join() === 'third,second', `the cleanup ran as ${order.join()}`);
      });
      ctx.defer(() => {
        order.push('second');
        claim(!isStopping, 'the cleanup began beside the stop hook');
      });
      ctx.defer(async () => {
        claim(signal.aborted, 'the cleanup began before the signal was aborted');
        await Promise.resolve();
        order.push('third');
      });
      const connection = ctx.use({ isOpen: true }, (open) => {
        open.isOpen = false;
        connections.delete(open);
      });
      connections.add(connection);
      await ctx.sleep(30);
      const close = async () => {
        isStopping = true;
        claim(signal.aborted, 'the stop hook was called before the signal was aborted');
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
        isStopping = false;
      };
      return { connection, close };
    },
    run: async (ctx) => {
      for (;;) {
        await ctx.sleep('2s');
        claim(connections.size === 1, `${connections.size} connections are open`);
      }
    },
    stop: (_ctx, { close }) => close(),
    drain: async (ctx) => {
      claim(!ctx.signal.aborted, 'the signal was aborted before draining');
    },
  });

  const client = service('client', { needs: { pool }, stopWithin: '2s' }, async (ctx) => {
    clients.add(
      ctx.use({}, (own) => {
        clients.delete(own);
      }),
    );
    await using(ctx, ctx.needs.pool.connection, () => {
      claim(clients.size === 1, `${clients.size} clients are there`);
    });
  });

  let last = 0;
  let isBusy = false;
  let reader = 0;
  const postman = service(
    'postman',
    {
      stopWithin: '2s',
      whileDown: 'buffer',
      mailbox: 200,
      receive: {
        letter: async (number: number, ctx) => {
          const isFirst = ctx.incarnation !== reader;
          // One that was cut off in the middle has left its letter as it was.
          if (isFirst) isBusy = false;
          reader = ctx.incarnation;
          claim(!isBusy, 'two letters are handled at once');
          claim(number > last, `letter ${number} comes after letter ${last}`);
          claim(isFirst || number === last + 1, `letter ${number - 1} got lost`);
          last = number;
          isBusy = true;
          await ctx.sleep(number % 7 === 0 ? 2_500 : number % 5 === 0 ? 900 : 5);
          isBusy = false;
        },
      },
    },
    async (ctx) => {
      for (;;) await ctx.sleep('5s');
    },
  );

  const clerk = service('clerk', { restart: 'transient', stopWithin: '1s' }, async (ctx) => {
    ctx.defer(async () => {
      claim(ctx.signal.aborted, 'a child was cleaned up before its signal was aborted');
    });
    await ctx.sleep('3s');
  });

  const chief = service('chief', { watchdog: '5s', stopWithin: '4s' }, async (ctx) => {
    const staff = { present: 0 };
    ctx.defer(() => {
      claim(staff.present === 0, `${staff.present} children outlive their parent`);
    });
    for (;;) {
      await ctx.sleep('3s');
      ctx.beat();
      const child = service('helper', { restart: 'temporary', stopWithin: '1s' }, async (own) => {
        staff.present++;
        own.defer(() => {
          staff.present--;
        });
        await own.sleep(5_000);
      });
      await ctx.spawn(child).catch(() => {});
      if (ctx.random() < 0.2) await ctx.spawn(clerk).catch(() => {});
    }
  });

  return supervisor('witness', [
    supervisor('vault', { strategy: 'rest-for-one' }, [pool, client]),
    supervisor('office', { start: 'parallel' }, [postman, chief]),
    service('outsider', { needs: { pool }, stopWithin: 'brutal' }, async (ctx) => {
      await using(ctx, ctx.needs.pool.connection);
    }),
  ]);
}
