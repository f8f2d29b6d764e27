import { setup } from 'xstate';
import type { AnySupervisor } from '../../src/define/definition.ts';
import { manual, optional, service, supervisor } from '../../src/index.ts';
import type {
  PropertyOptions,
  RunOptions,
  StandIns,
  WorkloadScript,
} from '../../src/testing/index.ts';
import { bands, crew, hasty, knot, mesh, press } from './more-trees.ts';
import { letters, witness } from './witness-tree.ts';

/** A tree that every part of the library is tried on, with what is asked of it meanwhile. */
export interface ReferenceTree {
  readonly make: () => AnySupervisor;
  readonly workload?: WorkloadScript;
  readonly standIns?: StandIns;
  /** Limits that are reached. */
  readonly system?: NonNullable<RunOptions['system']>;
  /** What may go wrong in it, where that is more than what may go wrong in every tree. */
  readonly faults?: NonNullable<PropertyOptions['faults']>;
  readonly horizon?: NonNullable<PropertyOptions['horizon']>;
}

/** A loop that does nothing for ever, a second at a time. */
const loop = async (ctx: { sleep(duration: '1s'): Promise<void>; beat(): void }): Promise<void> => {
  for (;;) {
    await ctx.sleep('1s');
    ctx.beat();
  }
};

/** Ten services on three levels, half of which need another; what the bench measures. */
export function layered(): AnySupervisor {
  const database = service('database', {
    start: async (ctx) => {
      await ctx.sleep(50);
      return { query: () => 1 };
    },
    stop: async () => {},
  });
  const bus = service('bus', { needs: { database }, ready: manual<number>() }, async (ctx) => {
    await ctx.sleep(20);
    ctx.ready(1);
    await loop(ctx);
  });
  const cache = service('cache', { needs: { database: optional(database) } }, loop);
  return supervisor('app', [
    supervisor('infra', { strategy: 'rest-for-one' }, [database, bus, cache]),
    supervisor('ledger', { strategy: 'one-for-all', intensity: 5, period: '30s' }, [
      service('bookings', { needs: { database } }, loop),
      service('payments', { needs: { bus } }, loop),
    ]),
    supervisor('edge', { start: 'parallel' }, [
      service('web', { needs: { bus, cache }, watchdog: '5s' }, loop),
      service('mail', { needs: { bus }, onLoss: 'keep' }, loop),
      service('search', { needs: { cache }, onLoss: 'restart' }, loop),
      service('metrics', loop),
      service('cron', { restart: 'transient' }, loop),
    ]),
  ]);
}

/** Little patience everywhere: budgets run out, limits pass, delays meet their maximum. */
export function strict(): AnySupervisor {
  const options = {
    startWithin: '1s',
    stopWithin: '500ms',
    backoff: { first: 100, max: '1s', jitter: 'none', resetAfter: '5s' },
  } as const;
  const source = service('source', { ...options, firstStart: 'retry' }, loop);
  const brutal = service('brutal', { ...options, stopWithin: 'brutal' }, loop);
  return supervisor('strict', { intensity: 2, period: '10s' }, [
    source,
    supervisor(
      'gives-up',
      { intensity: 1, period: '5s', whenExhausted: 'give-up', stopWithin: '2s' },
      [service('one', { ...options, needs: { source } }, loop), service('two', options, loop)],
    ),
    supervisor(
      'escalates',
      { strategy: 'one-for-all', intensity: 1, period: '5s', restart: 'transient' },
      [
        service('left', options, loop),
        brutal,
        service('right', { ...options, needs: { brutal } }, loop),
      ],
    ),
  ]);
}

/** Work that ends, and supervisors that end with it. */
export function batch(): AnySupervisor {
  const migration = service(
    'migration',
    { restart: 'transient', ready: manual<number>() },
    async (ctx) => {
      await ctx.sleep('2s');
      ctx.ready(7);
    },
  );
  return supervisor('batch', [
    migration,
    supervisor('shift', { autoShutdown: 'all-significant', restart: 'transient' }, [
      service(
        'import',
        { needs: { migration }, restart: 'transient', significant: true },
        async (ctx) => {
          await ctx.sleep('10s');
        },
      ),
      service(
        'export',
        { needs: { migration }, restart: 'temporary', significant: true },
        async (ctx) => {
          await ctx.sleep('5s');
        },
      ),
      service('progress', { needs: { migration } }, loop),
    ]),
    supervisor('watch', { autoShutdown: 'any-significant', restart: 'transient' }, [
      service('guard', { significant: true, restart: 'transient' }, async (ctx) => {
        await ctx.sleep('20s');
      }),
      service('lamp', loop),
    ]),
  ]);
}

/** Children that come and go: a pool that is asked for more, and a service with its own. */
export function pools(): AnySupervisor {
  const store = service('store', loop);
  const job = service('job', { needs: { store }, restart: 'transient' }, async (ctx) => {
    await ctx.sleep('3s');
  });
  const helper = service('helper', { restart: 'temporary' }, async (ctx) => {
    await ctx.sleep('4s');
  });
  return supervisor('pools', [
    store,
    supervisor('jobs', { template: job, strategy: 'dynamic', maxChildren: 5 }),
    service('host', async (ctx) => {
      for (;;) {
        await ctx.sleep('5s');
        await ctx.spawn(helper).catch(() => {});
      }
    }),
  ]);
}

/** Machines as services, with decisions and nested restarts. */
export function machines(): AnySupervisor {
  const blinker = setup({ types: { input: {} as object } }).createMachine({
    initial: 'on',
    states: {
      on: { after: { 1000: 'off' } },
      off: { after: { 1000: 'on' } },
      done: { type: 'final' },
    },
    on: { 'daruma.stop': '.done' },
  });
  const light = service('light', { run: blinker });
  return supervisor('machines', [
    supervisor('outer', { strategy: 'rest-for-one', intensity: 3 }, [
      light,
      supervisor('inner', { strategy: 'one-for-all', start: 'parallel', intensity: 2 }, [
        service(
          'a',
          { needs: { light }, decide: (error) => (error instanceof Error ? 'restart' : 'stop') },
          loop,
        ),
        service('b', { run: blinker, restart: 'transient' }),
      ]),
      service('c', { decide: () => 'escalate', needs: { light: optional(light) } }, loop),
    ]),
  ]);
}

export const referenceTrees: Readonly<Record<string, ReferenceTree>> = {
  layered: { make: layered },
  strict: { make: strict },
  batch: { make: batch },
  pools: {
    make: pools,
    workload: (work) => {
      work.every('2s', (round) =>
        (
          work.system.find('pools/jobs') as
            | { startChild(child: object): Promise<unknown> }
            | undefined
        )?.startChild(round % 3 === 0 ? { id: `named-${round}` } : {}),
      );
    },
  },
  machines: { make: machines },
  crew: { make: crew },
  bands: { make: bands },
  mesh: { make: mesh, system: { grace: '8s', bootWithin: '3s' } },
  knot: { make: knot },
  hasty: { make: hasty },
  press: { make: press },
  // What its bodies share would outlive their process: the function that makes the tree holds it.
  witness: { make: witness, workload: letters, faults: { except: ['processKill'] } },
};
