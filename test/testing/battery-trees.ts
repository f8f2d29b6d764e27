import {
  type AnySupervisor,
  cron,
  every,
  type PluginContext,
  PolicyError,
  plugins,
  policy,
  service,
  supervisor,
  type TaskContext,
  task,
  tasks,
  topic,
} from '../../src/index.ts';
import { allFaults, type WorkloadScript } from '../../src/testing/index.ts';
import { market, mill } from './mill-tree.ts';
import type { ReferenceTree } from './reference-trees.ts';

/** How the parcel service is called. Its breaker opens and closes many times in a run. */
const carrier = policy('carrier', {
  timeout: '2s',
  retry: { maxAttempts: 3, backoff: { first: '200ms' } },
  breaker: { failures: 3, recovery: '5s' },
  bulkhead: { concurrency: 3, queue: 2 },
});

const rates = policy('rates', {
  timeout: '1s',
  breaker: { failures: 2, recovery: '5s' },
  fallback: () => 1.1,
});

const orderPlaced = topic<{ order: string; rows: number }>('order.placed');
const orderShipped = topic<{ order: string; parcel: string }>('order.shipped');
const rateChanged = topic<number>('rate.changed', { keep: 'last' });
const shippedCount = topic<undefined, number>('shipped.count');

interface Ledger {
  book(order: string, parcel: string): Promise<void>;
  count(): Promise<number>;
}

interface Shipment {
  readonly order: string;
  readonly ledger: Ledger;
  readonly say: (parcel: string) => void;
}

/** Asks the parcel service for a number, books it, and says so. */
const ship = task(
  'ship',
  { timeout: '15s', retry: { maxAttempts: 2, backoff: { first: '500ms' } }, cancelWithin: '1s' },
  async (ctx: TaskContext<Shipment>) => {
    const { order, ledger, say } = ctx.input;
    ctx.progress({ done: 0, total: 2, text: 'asking' });
    const parcel = await carrier.run(ctx, async ({ attempt }) => {
      await ctx.sleep(300);
      if (ctx.random() < 0.2) throw new Error('the parcel service is busy');
      return `${order}/${attempt}`;
    });
    ctx.progress({ done: 1, total: 2, text: 'booking' });
    await ledger.book(order, parcel);
    say(parcel);
    return parcel;
  },
);

const greeter = {
  manifest: {
    name: 'greeter',
    version: '1.0.0',
    type: 'service',
    permissions: ['storage-read', 'storage-write', 'notifications'],
  },
  module: {
    async onEnable(ctx: PluginContext) {
      const times = ((await ctx.storage.get<number>('times')) ?? 0) + 1;
      await ctx.storage.set('times', times);
    },
    async run(ctx: PluginContext) {
      for (;;) {
        await ctx.sleep('10s');
        ctx.notify('Still here', `${await ctx.storage.get('times')} times`);
      }
    },
  },
} as const;

/** A mail-order house: each part of it works through another battery, and they need each other. */
export function house(): AnySupervisor {
  const ledger = service('ledger', {
    stopWithin: '3s',
    start: async ({ storage, bus }): Promise<Ledger> => {
      const entries = async () => (await storage.get<number>('booked')) ?? 0;
      bus.reply(shippedCount, entries, { onError: 'report' });
      return {
        book: (order, parcel) =>
          storage.transaction(async (tx) => {
            await tx.set(`parcel ${order}`, parcel, { ttl: '1m' });
            await tx.set('booked', ((await tx.get<number>('booked')) ?? 0) + 1);
          }),
        count: entries,
      };
    },
    health: {
      count: {
        every: '5s',
        timeout: '2s',
        check: async (_ctx, { count }) => ((await count()) >= 0 ? 'healthy' : 'degraded'),
      },
    },
  });

  const worker = tasks('worker', {
    needs: { ledger },
    concurrency: 3,
    maxPending: 6,
    stopWithin: '2s',
  });

  const clerk = service('clerk', { needs: { worker, ledger }, watchdog: '30s' }, async (ctx) => {
    const { needs, bus, log, beat, notify } = {
      needs: ctx.needs,
      bus: ctx.bus,
      log: ctx.log,
      beat: () => ctx.beat(),
      notify: (title: string) => ctx.notify(title, 'The line is long.', { level: 'warning' }),
    };
    bus.on(rateChanged, () => beat(), { replay: 'last' });
    for await (const { payload } of bus.events(orderPlaced)) {
      beat();
      const { order } = payload;
      const say = (parcel: string) => bus.emit(orderShipped, { order, parcel });
      try {
        needs.worker.submit(`ship ${order}`, ship, { input: { order, ledger: needs.ledger, say } });
      } catch (error) {
        log.warn({ err: error }, 'an order has to wait');
        notify('An order has to wait');
      }
    }
  });

  const recorder = service('recorder', { stopWithin: '2s' }, async (ctx) => {
    ctx.bus.on(
      orderShipped,
      async ({ order, parcel }, { id }) => {
        await ctx.storage.set(`heard ${order}`, { parcel, id }, { ttl: '2m' });
        await ctx.sleep(50);
      },
      { buffer: 5, maxAttempts: 3, backoff: { first: '300ms' }, onError: 'report' },
    );
    ctx.bus.on(
      '**',
      (_payload, event) => ctx.metrics.counter('events').add(1, { of: event.topic }),
      {
        priority: -1,
      },
    );
    for (;;) await ctx.sleep('10s');
  });

  const auditor = service('auditor', { stopWithin: '1s' }, async (ctx) => {
    ctx.bus.on(orderPlaced, () => ctx.sleep(100), { critical: true, priority: 5 });
    ctx.bus.on('order.*', () => ctx.sleep(200), {
      orderBy: (payload) => (payload as { order: string }).order,
      overflow: 'drop-newest',
      buffer: 4,
    });
    for (;;) await ctx.sleep('1m');
  });

  const orders = every('orders', '3s', { overlap: 'queue', jitter: '300ms' }, async (ctx) => {
    const rows = Math.ceil(ctx.random() * 3);
    await ctx.storage.set('last', ctx.run);
    for (let row = 0; row < rows; row++) {
      ctx.bus.emit(orderPlaced, { order: `${ctx.incarnation}-${ctx.run}-${row}`, rows });
      await ctx.sleep(100);
    }
  });

  const rate = every('rate', '7s', { immediately: true, pace: 'fixed-delay' }, async (ctx) => {
    const value = await rates.run(ctx, async () => {
      await ctx.sleep(400);
      return 1 + ctx.random();
    });
    ctx.bus.emit(rateChanged, value);
  });

  const report = cron(
    'report',
    '*/10 * * * * *',
    { needs: { ledger, worker }, timeout: '8s', retry: { maxAttempts: 2 }, failAfter: 3 },
    async (ctx) => {
      const count = await ctx.bus.request(shippedCount, undefined, { timeout: '3s' });
      ctx.needs.worker.cleanup();
      ctx.notify('Report', `${count} parcels, ${ctx.needs.worker.pending()} in line`, {
        key: 'report',
      });
      const id = `audit ${ctx.run}`;
      const audit = await ctx.needs.worker.submitWhenFree(id, async (own) => own.sleep('1s'));
      await audit.wait();
    },
  );

  const courier = service('courier', { needs: { ledger }, restart: 'transient' }, async (ctx) => {
    ctx.bus.once(orderShipped, () => ctx.health('healthy'));
    ctx.health('degraded', 'nothing to carry');
    try {
      await carrier.run(ctx, () => ctx.sleep('1s'));
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      ctx.notify('No trip', error.message, { level: 'warning', key: 'trip' });
      return;
    }
    await ctx.storage.set('trips', ctx.now());
    await ctx.sleep('4s');
  });

  const host = plugins('plugins', {
    bundled: [greeter],
    grant: 'all',
    hookWithin: '5s',
    needs: { ledger },
  });

  return supervisor('house', [
    ledger,
    supervisor('office', { strategy: 'rest-for-one' }, [worker, auditor, clerk]),
    recorder,
    supervisor('clocks', { start: 'parallel' }, [orders, rate, report]),
    supervisor('couriers', { template: courier, strategy: 'dynamic', maxChildren: 3 }),
    host,
  ]);
}

interface Pool {
  startChild(child: object): Promise<unknown>;
}

/** Customers, and a voice from outside the tree. */
const customers: WorkloadScript = (work) => {
  work.every('6s', () => (work.system.find('house/couriers') as Pool | undefined)?.startChild({}));
  work.every('9s', (round) => {
    work.system.bus.emit(orderPlaced, { order: `call ${round}`, rows: 1 });
  });
};

/** Those that are tried only where they are named, each as often as others. */
const weights = Object.fromEntries(
  allFaults().flatMap(({ name, isByName }) => (isByName ? [[name, 3]] : [])),
);

/** Trees that use every battery. */
export const batteryTrees: Readonly<Record<string, ReferenceTree>> = {
  house: { make: house, workload: customers, faults: { weights }, horizon: '30s' },
  mill: { make: mill, workload: market, faults: { weights }, horizon: '8s' },
};
