import { describe, expect, it } from 'vitest';
import {
  type AnyService,
  type Job,
  type QueueOptions,
  queue,
  service,
  supervisor,
  worker,
} from '../../src/index.ts';
import {
  atMostOnce,
  checkTrace,
  checkTree,
  effectivelyOnce,
  emptyPlan,
  type Fault,
  type Invariant,
  jobInvariants,
  runPlan,
  type Trace,
} from '../../src/testing/index.ts';

interface Options {
  readonly of?: QueueOptions;
  readonly jobs?: number;
  readonly concurrency?: number;
  readonly workers?: readonly string[];
  readonly handler?: (job: Job) => unknown;
}

/** Workers, and somebody who adds jobs when they are up. */
function treeWith({ of = {}, jobs = 1, concurrency = 3, workers = ['w'], handler }: Options) {
  const items = queue('items', { backoff: { first: '100ms', jitter: 'none' }, lease: '2s', ...of });
  const sleeper = (job: Job) => job.sleep('500ms');
  const crew = workers.map(
    (name): AnyService => worker(items, { name, concurrency }, handler ?? sleeper),
  );
  const clerk = service('clerk', async (ctx) => {
    const known = (await ctx.jobs.counts(items)).states;
    const isFirst = Object.values(known).every((count) => count === 0);
    const payloads = Array.from({ length: isFirst ? jobs : 0 }, (_, payload) => ({ payload }));
    await ctx.jobs.enqueueMany(items, payloads);
    await ctx.sleep('1d');
  });
  return () => supervisor('app', [...crew, clerk]);
}

interface Run {
  readonly trace: Trace;
  /** What became of jobs in the storage: `claimed`, `settled retry`. */
  readonly kept: readonly string[];
  /** What workers told. */
  readonly told: readonly string[];
  /** Attempts of handlers, with the time of their begin. */
  readonly begun: readonly (readonly [at: number, payload: number])[];
}

async function runWith(options: Options, ...faults: Fault[]): Promise<Run> {
  const plan = { ...emptyPlan, horizonMs: 20_000, faults };
  const { trace, simulation } = await runPlan(treeWith(options), plan);
  expect(checkTrace(simulation.tree, trace, jobInvariants)).toEqual([]);
  expect(trace.header.deterministic).toBe(true);
  const ids = trace.events.flatMap((e) =>
    e.type === 'job-kept' && e.did === 'added' ? [e.id] : [],
  );
  return {
    trace,
    kept: trace.events.flatMap((event) => {
      if (event.type !== 'job-kept' || event.did === 'found') return [];
      if (event.did === 'renewed') return [];
      const isCounted = event.did === 'settled' && event.state !== null;
      return [
        event.did === 'settled' ? `${isCounted ? '' : 'un'}settled ${event.outcome}` : event.did,
      ];
    }),
    told: trace.events.flatMap((event) => (event.type === 'job' ? [event.status] : [])),
    begun: trace.events.flatMap((event) =>
      event.type === 'job-handler' && event.did === 'begun'
        ? [[event.at, ids.indexOf(event.id)] as const]
        : [],
    ),
  };
}

const at = (kind: string, ms: number, params: Fault['params'] = {}): Fault => ({
  kind,
  trigger: { at: ms },
  params,
});
const atWorker = (kind: string, params: Fault['params'] = {}): Fault => ({
  kind,
  trigger: { on: 'app/w', incarnation: 1 },
  params,
});

describe('jobs in a simulation', () => {
  it('go on record as they are stored and handled, and are looked up in the end', async () => {
    const { trace, kept, told } = await runWith({});

    expect(kept).toEqual(['added', 'claimed', 'settled completed']);
    expect(told).toEqual(['added', 'started', 'completed']);
    const last = trace.events.findLast(({ type }) => type === 'job-kept');
    expect(last).toMatchObject({ did: 'found', state: 'completed', attempt: 1 });
  });

  it('outlive the process, and are looked up when it is killed', async () => {
    const kill = at('processKill', 200, { ms: 100 });
    const { trace, kept, begun } = await runWith({}, kill);

    expect(kept).toEqual(['added', 'claimed', 'lost', 'claimed', 'settled completed']);
    expect(begun.map(([ms]) => ms)).toEqual([0, 2_000]);
    const found = trace.events.flatMap((event) =>
      event.type === 'job-kept' && event.did === 'found' ? [[event.at, event.state]] : [],
    );
    expect(found).toEqual([
      [200, 'active'],
      [20_000, 'completed'],
    ]);
  });
});

describe('faults of queues', () => {
  it('poisonJob: one job fails again and again, the others do not', async () => {
    const { told } = await runWith({ jobs: 3 }, atWorker('poisonJob', { times: 2 }));

    expect(told.filter((status) => status === 'retrying')).toHaveLength(2);
    expect(told.filter((status) => status === 'completed')).toHaveLength(3);
  });

  it('jobRejects and redrive: a job is dead at once, and is tried again all the same', async () => {
    const { kept } = await runWith({}, atWorker('jobRejects', { count: 1 }), at('redrive', 900));

    expect(kept).toEqual([
      'added',
      'claimed',
      'settled dead',
      'redriven',
      'claimed',
      'settled completed',
    ]);
  });

  it('jobHangs: a handler ends when it is asked to', async () => {
    const of = { timeout: '3s', maxAttempts: 2 } as const;
    const { begun } = await runWith({ of }, atWorker('jobHangs', { count: 1 }));

    expect(begun.map(([ms]) => ms)).toEqual([0, 3_100]);
  });

  it('jobIgnoresSignal: a handler never ends, and is given up', async () => {
    const of = { timeout: '3s', cancelWithin: '1s', maxAttempts: 2 } as const;
    const { begun, trace } = await runWith({ of }, atWorker('jobIgnoresSignal', { count: 1 }));

    expect(begun.map(([ms]) => ms)).toEqual([0, 4_100]);
    expect(trace.events.filter((e) => e.type === 'job-handler' && e.did !== 'begun')).toHaveLength(
      1,
    );
  });

  it('jobRedeliver: a job is delivered again while its first handler runs', async () => {
    const handler = (job: Job) => job.sleep('6s');
    const faults = [at('jobRedeliver', 100, { count: 1 }), at('overload', 200, { count: 1 })];
    const { told, begun } = await runWith({ handler }, ...faults);

    expect(told).toContain('lost');
    expect(begun).toEqual([
      [0, 0],
      [200, 0],
      [200, 1],
    ]);
    expect(told.filter((status) => status === 'completed')).toHaveLength(2);
  });

  it('leaseExpire: what cannot be renewed is lost, and begins elsewhere', async () => {
    const handler = (job: Job) => job.sleep('6s');
    const { told, begun } = await runWith({ handler }, at('leaseExpire', 0, { ms: 1_900 }));

    expect(told).toContain('lost');
    expect(told.at(-1)).toBe('completed');
    expect(begun.map(([ms]) => ms)).toEqual([0, 2_000]);
  });

  it.each([
    [true, ['added', 'claimed', 'settled completed', 'unsettled completed']],
    [false, ['added', 'claimed', 'settled completed']],
  ])('ackLost: an end is stored again (first stored: %s)', async (isStored, expected) => {
    const { kept, told } = await runWith({}, at('ackLost', 0, { count: 1, isStored }));

    expect(kept).toEqual(expected);
    expect(told).toEqual(['added', 'started', 'completed']);
  });

  it('queueDown: nothing can be done to jobs, and what was meant to be is done later', async () => {
    const { told, begun } = await runWith({ jobs: 1 }, at('queueDown', 100, { ms: 1_000 }));

    expect(told).toEqual(['added', 'started', 'completed']);
    expect(begun).toHaveLength(1);
  });

  it('jobDelay: jobs arrive late', async () => {
    const { begun } = await runWith({}, at('jobDelay', 0, { ms: 1, delay: 700 }));

    expect(begun.map(([ms]) => ms)).toEqual([700]);
  });

  it('jobReorder: jobs that are claimed together come in another order', async () => {
    const { begun } = await runWith({ jobs: 3 }, at('jobReorder', 0, { ms: 100 }));

    expect(begun.map(([, payload]) => payload)).toEqual([2, 1, 0]);
  });

  it('overload: the last job is there many times', async () => {
    const { kept, told } = await runWith({ jobs: 2 }, at('overload', 100, { count: 20 }));

    expect(kept.filter((did) => did === 'added')).toHaveLength(22);
    expect(told.filter((status) => status === 'completed')).toHaveLength(22);
  });

  it('are tried on trees with workers only', async () => {
    const only = ['overload', 'ackLost', 'poisonJob'];
    const faults = { only, max: 5 };
    const report = await checkTree(treeWith({}), { runs: 10, seed: 1, faults });
    const idle = () => supervisor('app', [service('a', (ctx) => ctx.sleep('1d'))]);

    expect(report.faults).toBeGreaterThan(5);
    expect((await checkTree(idle, { runs: 10, seed: 1, faults })).faults).toBe(0);
  });
});

describe('what plans have found stays mended', () => {
  it('a job that arrives later than its lease lasts is not begun', async () => {
    const { kept, begun } = await runWith({}, at('jobDelay', 0, { ms: 1, delay: 2_500 }));

    expect(kept).toEqual(['added', 'claimed', 'settled released', 'claimed', 'settled completed']);
    expect(begun.map(([ms]) => ms)).toEqual([2_500]);
  });

  it('a failure is told as one, also when the job has gone on before that is known', async () => {
    const handler = async (job: Job) => {
      if (job.attempt === 1) throw new Error('not yet');
    };
    // Whoever waits to store an end claims nothing: only another worker can begin the next attempt.
    const workers = ['w', 'other'];
    const lostAck = at('ackLost', 0, { count: 1, isStored: true });
    const { told } = await runWith({ workers, handler }, lostAck);

    expect(told).toEqual(['added', 'started', 'started', 'completed', 'retrying']);
  });
});

describe('rules for a queue of a tree', () => {
  const messages = async (options: Options, invariant: Invariant, ...faults: Fault[]) => {
    const { trace, simulation } = await runPlan(treeWith(options), { ...emptyPlan, faults });
    return checkTrace(simulation.tree, trace, [invariant]).map(({ message }) => message);
  };

  it('atMostOnce holds where there is one attempt', async () => {
    const kill = at('processKill', 200, { ms: 100 });
    const once = atMostOnce('items');

    expect(await messages({ of: { maxAttempts: 1 } }, once, kill)).toEqual([]);
    expect(await messages({}, once, kill)).toEqual([
      expect.stringMatching(/begins at 2000 ms for the second time/),
    ]);
  });

  it('effectivelyOnce holds where all is done in the transaction of the job', async () => {
    const down = [at('queueDown', 400, { ms: 5_000 }), at('processKill', 1_000, { ms: 100 })];
    const once = effectivelyOnce('items');
    const handler = async (job: Job) => {
      await job.sleep('500ms');
      await job.transaction((tx) => tx.set('done', true));
    };

    expect(await messages({ handler }, once, ...down)).toEqual([]);
    expect(await messages({}, once, ...down)).toEqual([
      expect.stringMatching(/after one that returned/),
    ]);
  });
});
