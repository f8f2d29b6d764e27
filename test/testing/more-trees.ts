import type { AnySupervisor } from '../../src/define/definition.ts';
import { ignore, manual, optional, service, supervisor } from '../../src/index.ts';

interface Ctx {
  sleep(duration: number | '1s'): Promise<void>;
}

const loop = async (ctx: Ctx): Promise<void> => {
  for (;;) await ctx.sleep('1s');
};

/** Work that returns after so many milliseconds. */
const lasting = (ms: number) => (ctx: Ctx) => ctx.sleep(ms);

/** What was thrown says what is to be done: faults throw all shapes of errors. */
const byShape = (error: unknown) => {
  if (!(error instanceof Error)) return 'stop';
  return error.name === 'AbortError' ? 'escalate' : 'restart';
};

const steady = { first: 1_000, max: '3s', jitter: 'none', resetAfter: '1s' } as const;
const halved = { first: 400, max: '2s', factor: 3, jitter: 'equal', resetAfter: '10s' } as const;

/** Items that end for good, and supervisors that decide by them, by budgets and by `decide`. */
export function crew(): AnySupervisor {
  const steward = service('steward', { firstStart: 'retry', backoff: halved }, loop);
  return supervisor('crew', [
    steward,
    supervisor('shift', { autoShutdown: 'all-significant', intensity: 4, period: '9s' }, [
      service(
        'early',
        { significant: true, restart: 'transient', backoff: steady },
        lasting(8_000),
      ),
      service('late', { significant: true, restart: 'temporary' }, lasting(10_000)),
      service('note', { restart: 'transient' }, lasting(1_000)),
    ]),
    supervisor('post', { autoShutdown: 'any-significant', restart: 'transient' }, [
      service('gate', { significant: true, restart: 'transient', decide: byShape }, loop),
      service('tower', { significant: true, restart: 'temporary' }, loop),
      service('guest', { restart: 'temporary' }, lasting(7_000)),
    ]),
    supervisor('board', { whenExhausted: 'give-up', intensity: 2, period: '4s' }, [
      service('chair', { decide: byShape, backoff: halved }, loop),
      service('clerk', { restart: 'transient', backoff: steady, needs: { steward } }, loop),
    ]),
  ]);
}

/** Groups of every kind, with members that come, go and need each other. */
export function bands(): AnySupervisor {
  const drum = service('drum', { backoff: steady, stopWithin: '2s' }, loop);
  const bass = service('bass', { needs: { drum }, stopWithin: '1s' }, loop);
  const song = service(
    'song',
    { restart: 'transient', ready: manual<number>(), needs: { drum } },
    async (ctx) => {
      await ctx.sleep(500);
      ctx.ready(1);
    },
  );
  return supervisor('bands', { start: 'parallel' }, [
    supervisor('trio', { strategy: 'rest-for-one', intensity: 4, period: '3s' }, [
      drum,
      song,
      service('solo', { restart: 'temporary', needs: { song } }, loop),
      bass,
    ]),
    supervisor('choir', { strategy: 'one-for-all', intensity: 3, period: '10s' }, [
      service('alto', { backoff: halved }, loop),
      service('echo', { restart: 'temporary' }, loop),
      service('tenor', { start: (ctx) => ctx.sleep(100) }, loop),
      service('hum', { restart: 'transient' }, lasting(6_000)),
    ]),
    supervisor('crowd', { strategy: 'one-for-all', start: 'parallel', restart: 'transient' }, [
      service('fans', { needs: { song } }, loop),
      service('stage', { start: (ctx) => ctx.sleep(400) }, loop),
      service('press', { firstStart: 'retry', backoff: steady }, loop),
    ]),
  ]);
}

/** Needs across a deep tree, and little time to stop in each part of it. */
export function mesh(): AnySupervisor {
  const options = { stopWithin: '3s', backoff: steady } as const;
  const source = service('source', { ...options, start: (ctx) => ctx.sleep(200) }, loop);
  const pipe = service('pipe', { ...options, needs: { source } }, loop);
  const still = service(
    'still',
    { ...options, start: (ctx) => ctx.sleep(300), drain: (ctx) => ctx.sleep('20s') },
    loop,
  );
  const valve = service('valve', { ...options, needs: { source }, onLoss: 'restart' }, loop);
  const tank = service('tank', { ...options, needs: { pipe }, restart: 'transient' }, loop);
  return supervisor('mesh', { intensity: 6, period: '20s' }, [
    supervisor('deep', { stopWithin: '6s', intensity: 3, period: '8s', restart: 'transient' }, [
      source,
      supervisor('deeper', { stopWithin: '1500ms', start: 'parallel', backoff: steady }, [
        pipe,
        valve,
        service('meter', { ...options, needs: { source, valve }, stopWithin: 'brutal' }, loop),
      ]),
      service('drip', { ...options, needs: { pipe: optional(pipe) } }, loop),
    ]),
    supervisor('wide', { start: 'parallel', stopWithin: '5s' }, [
      tank,
      service('tap', { ...options, needs: { tank } }, loop),
      service('gauge', { ...options, needs: { source }, onLoss: 'keep' }, loop),
      still,
      service('dial', { ...options, needs: { still: optional(still) } }, loop),
    ]),
  ]);
}

const brisk = { first: 200, max: '2s', jitter: 'none', resetAfter: '1s' } as const;

/** Needs of every kind between a few services, and between groups. */
export function knot(): AnySupervisor {
  const options = { backoff: brisk, stopWithin: '2s' } as const;
  const base = service('base', { ...options, start: (ctx) => ctx.sleep(100) }, loop);
  const seed = service('seed', { ...options, restart: 'transient', needs: { base } }, lasting(300));
  const core = service(
    'core',
    { ...options, needs: { base }, start: (ctx) => ctx.sleep(200) },
    loop,
  );
  const arm = service('arm', { ...options, needs: { core, seed } }, loop);
  const leg = service('leg', { ...options, needs: { core: optional(core) } }, loop);
  const hand = service('hand', { ...options, needs: { arm, leg: optional(leg) } }, loop);
  return supervisor('knot', { intensity: 8, period: '10s', start: 'parallel' }, [
    supervisor('group', { strategy: 'one-for-all', intensity: 6, backoff: brisk }, [
      base,
      seed,
      core,
    ]),
    supervisor('limbs', { strategy: 'one-for-all', start: 'parallel', intensity: 8 }, [
      arm,
      leg,
      service('foot', { ...options, needs: { leg }, onLoss: 'restart' }, loop),
      service('tail', { ...options, needs: { core }, onLoss: 'keep' }, loop),
    ]),
    supervisor('tips', { strategy: 'rest-for-one', intensity: 6, backoff: brisk }, [
      hand,
      service('ring', { ...options, restart: 'temporary' }, loop),
      service('nail', { ...options, needs: { hand: optional(hand) } }, loop),
    ]),
  ]);
}

/** Supervisors that have less time than what is in them, and children that end while others go. */
export function hasty(): AnySupervisor {
  const options = { backoff: brisk, stopWithin: '4s' } as const;
  const tool = service('tool', { ...options, start: (ctx) => ctx.sleep(100) }, loop);
  const work = service('work', { ...options, needs: { tool } }, loop);
  return supervisor('hasty', [
    supervisor(
      'shop',
      { stopWithin: '1s', strategy: 'one-for-all', intensity: 5, backoff: brisk },
      [tool, work, service('extra', { ...options, restart: 'temporary' }, loop)],
    ),
    supervisor('yard', { stopWithin: '2s', start: 'parallel', backoff: brisk }, [
      service('crane', { ...options, needs: { work } }, loop),
      supervisor('gang', { stopWithin: '3s', strategy: 'rest-for-one', intensity: 5 }, [
        service('lead', options, loop),
        service('mate', { ...options, restart: 'transient', decide: byShape }, loop),
        service('boy', { ...options, start: (ctx) => ctx.sleep(300) }, loop),
      ]),
    ]),
  ]);
}

/**
 * A database that comes back together with its migration, those outside who rely on both, and a line
 * in which whatever follows on a failure is taken along, with work that has to be done again then.
 */
export function press(): AnySupervisor {
  let starts = 0;
  const options = { backoff: brisk, stopWithin: '3s' } as const;
  const database = service('database', { ...options, start: (ctx) => ctx.sleep(100) }, loop);
  const migration = service(
    'migration',
    { ...options, restart: 'transient', needs: { database } },
    lasting(1_500),
  );
  const cache = service('cache', options, loop);
  const clerk = service('clerk', { ...options, needs: { migration } }, loop);
  const glue = service('glue', { ...options, restart: 'transient' }, lasting(800));
  const extras = { cache: optional(cache), clerk: optional(clerk) };
  const line = { strategy: 'rest-for-one', intensity: 8, period: '5s', backoff: brisk } as const;
  return supervisor('press', { intensity: 8, period: '10s' }, [
    supervisor('store', { strategy: 'one-for-all', intensity: 8, backoff: brisk }, [
      database,
      migration,
      cache,
    ]),
    clerk,
    service('editor', { ...options, needs: { migration, ...extras } }, loop),
    supervisor('line', line, [
      service('setter', { ...options, start: (ctx) => ctx.sleep(200) }, loop),
      service('printer', options, loop),
      supervisor('bench', [glue]),
      service('folder', options, loop),
      service('binder', { ...options, backoff: halved }, loop),
      // Every second time it is not needed.
      service(
        'stapler',
        { ...options, start: async () => (++starts % 2 ? undefined : ignore) },
        loop,
      ),
    ]),
    service('poster', { ...options, needs: { glue } }, loop),
    service('reader', { ...options, needs: { glue }, onLoss: 'restart' }, loop),
  ]);
}
