import { describe, expect, it } from 'vitest';
import { type Context, service, supervisor, topic } from '../../src/index.ts';
import {
  acknowledgedWritesSurvive,
  allFaults,
  checkTrace,
  checkTree,
  emptyPlan,
  type Fault,
  runPlan,
  type Trace,
  treeInfoOf,
} from '../../src/testing/index.ts';
import { traceOf } from './trace-of.ts';

/** Counts the seconds, also over its restarts. */
const count = async ({ storage, sleep }: Pick<Context, 'storage' | 'sleep'>) => {
  for (;;) {
    await storage.transaction(async (tx) => {
      await tx.set('count', ((await tx.get<number>('count')) ?? 0) + 1);
    });
    await storage.set('latest', await storage.get('count'), { ttl: '1m' });
    await sleep('1s');
  }
};

function makeTree() {
  const counter = service('counter', (ctx) =>
    count({ storage: ctx.storage, sleep: (time) => ctx.sleep(time) }),
  );
  const other = service('other', async (ctx) => {
    await ctx.storage.set('count', 'of the other');
    await ctx.sleep('1d');
  });
  return supervisor('app', [counter, other]);
}

async function runWith(...faults: Fault[]): Promise<Trace> {
  const plan = { ...emptyPlan, horizonMs: 10_500, faults };
  const { trace, simulation } = await runPlan(makeTree, plan);
  expect(simulation.report, 'it comes down in the end').toBeDefined();
  return trace;
}

/** What a service has written under a key. */
function written(trace: Trace, path: string, key: string): (string | null)[] {
  return trace.events.flatMap((event) =>
    event.type === 'stored' && event.did === 'wrote' && event.path === path && event.key === key
      ? [event.value]
      : [],
  );
}

const counter = 'app/counter';

describe('storage in a simulation', () => {
  it('goes on record, in the same way each time', async () => {
    const [one, two] = [await runWith(), await runWith()];

    expect(written(one, counter, 'count')).toEqual(
      Array.from({ length: 11 }, (_, index) => `${index + 1}`),
    );
    expect(written(one, 'app/other', 'count')).toEqual(['"of the other"']);
    expect(one.header.deterministic).toBe(true);
    expect(two.digest).toBe(one.digest);
  });

  it('outlives the incarnations of its service', async () => {
    const crash = {
      kind: 'crashAfter',
      trigger: { at: 3_500 },
      target: counter,
      params: { ms: 0 },
    };
    const trace = await runWith(crash);

    expect(trace.of(counter).filter(({ type }) => type === 'starting')).toHaveLength(2);
    const counts = written(trace, counter, 'count');
    expect(counts).toEqual(counts.map((_, index) => `${index + 1}`));
    expect(counts.length).toBeGreaterThan(9);
  });

  it('outlives the process', async () => {
    const kill = { kind: 'processKill', trigger: { at: 3_500 }, params: { ms: 1_200 } };
    const trace = await runWith(kill);

    expect(trace.events.map(({ type }) => type)).toContain('killed');
    const counts = written(trace, counter, 'count');
    expect(counts).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
    expect(checkTrace(treeInfoOf(makeTree()), trace, [acknowledgedWritesSurvive])).toEqual([]);
  });

  it('is spared what a process that was killed had still to write', async () => {
    const make = () =>
      supervisor('app', [
        service('a', async (ctx) => {
          for (;;) {
            await ctx.storage.set('now', ctx.now());
            await ctx.sleep('1s');
          }
        }),
      ]);
    const slow = { kind: 'storageSlow', trigger: { at: 500 }, params: { ms: 1_000, delay: 1_000 } };
    const kill = { kind: 'processKill', trigger: { at: 1_500 }, params: { ms: 0 } };
    const { trace } = await runPlan(make, { ...emptyPlan, horizonMs: 3_000, faults: [slow, kill] });

    const times = trace.events.flatMap(({ type, at }) => (type === 'stored' ? [at] : []));
    expect(times).toEqual([0, 1_500, 2_500]);
  });

  it('is spared what code does that goes on after the process was killed', async () => {
    const late = topic('late');
    const gate = Promise.withResolvers<void>();
    let lives = 0;
    const make = () =>
      supervisor('app', [
        service('a', async (ctx) => {
          if (++lives > 1) return await ctx.sleep('1d');
          await gate.promise;
          ctx.bus.emit(late, undefined);
          await ctx.storage.set('late', true);
        }),
      ]);
    const kill = { kind: 'processKill', trigger: { at: 1_000 }, params: { ms: 0 } };
    const { trace } = await runPlan(
      make,
      { ...emptyPlan, horizonMs: 5_000, faults: [kill] },
      { workload: (work) => work.at('2s', () => gate.resolve()) },
    );

    expect(lives).toBe(2);
    expect(trace.events.filter(({ type }) => type === 'stored' || type === 'bus')).toEqual([]);
  });
});

describe('faults of storage', () => {
  const at = (kind: string, params: Fault['params'] = {}): Fault => ({
    kind,
    trigger: { at: 3_500 },
    params,
  });
  const errorsOf = (trace: Trace) =>
    trace.events.flatMap((event) =>
      event.type === 'ended' && event.error ? [event.error.code] : [],
    );

  it.each([
    ['full', 'DARUMA_STORAGE_FULL'],
    ['busy', 'DARUMA_STORAGE_BUSY'],
  ])('storageFails: the next writes fail (%s)', async (why, code) => {
    const trace = await runWith(at('storageFails', { count: 2, why }));

    expect(errorsOf(trace)).toEqual([code, code]);
  });

  it.each([true, false])('storageLost: a write fails that is stored: %s', async (isStored) => {
    const trace = await runWith(at('storageLost', { isStored }));
    const counts = written(trace, counter, 'count');

    expect(errorsOf(trace)).toEqual(['DARUMA_STORAGE_LOST']);
    expect(counts.includes('5')).toBe(!isStored);
    expect(counts.includes('6')).toBe(true);
  });

  it('storageDown: nothing can be stored for a while', async () => {
    const trace = await runWith(at('storageDown', { ms: 2_000 }));

    expect(new Set(errorsOf(trace))).toEqual(new Set(['DARUMA_STORAGE_UNUSABLE']));
    expect(written(trace, counter, 'count').length).toBeGreaterThan(6);
  });

  it('storageSlow: everything takes longer for a while, in order', async () => {
    const trace = await runWith(at('storageSlow', { ms: 3_000, delay: 200 }));
    const counts = written(trace, counter, 'count');

    expect(errorsOf(trace)).toEqual([]);
    expect(counts.length).toBeLessThan(11);
    expect(counts).toEqual(counts.map((_, index) => `${index + 1}`));
  });

  it('are tried where they are named', async () => {
    const names = allFaults()
      .filter(({ group }) => group === 'storage')
      .map(({ name }) => name);
    const weights = Object.fromEntries(names.map((name) => [name, 20]));
    const report = await checkTree(makeTree, { runs: 60, seed: 7, faults: { weights } });
    const without = await checkTree(makeTree, { runs: 20, seed: 7 });

    expect([report.runs, without.runs]).toEqual([60, 20]);
    expect(report.faults).toBeGreaterThan(60);
  });
});

describe('acknowledgedWritesSurvive', () => {
  const line = (did: string, value: string | null, rest: object = {}) =>
    `stored app/a ${JSON.stringify({ did, store: '', key: 'k', value, expires: false, ...rest })}`;
  const tree = treeInfoOf(supervisor('app', [service('a', () => {})]));
  const messagesOf = (...lines: string[]) =>
    checkTrace(tree, traceOf(lines.join('\n')), [acknowledgedWritesSurvive]).map(
      ({ message }) => message,
    );

  it.each([
    ['what was written last is read', [line('wrote', '1'), line('wrote', '2'), line('read', '2')]],
    ['nothing was written', [line('read', null)]],
    ['it was removed', [line('wrote', '1'), line('wrote', null), line('read', null)]],
    [
      'all was removed',
      [line('wrote', '1'), line('wrote', null, { key: null }), line('read', null)],
    ],
    ['a write that failed is there', [line('wrote', '1'), line('tried', '2'), line('read', '2')]],
    ['it is not there', [line('wrote', '1'), line('tried', '2'), line('read', '1')]],
    ['it has expired', [line('wrote', '1', { expires: true }), line('read', null)]],
    [
      'it is there after the process was killed',
      [line('wrote', '1'), 'killed app', line('read', '1')],
    ],
    ['another store has its own', [line('wrote', '1'), line('read', null, { store: 'other' })]],
  ])('allows that %s', (_what, lines) => {
    expect(messagesOf(...lines)).toEqual([]);
  });

  it.each([
    ['is lost', [line('wrote', '1'), line('read', null)], /reads nothing .* 1 was written/],
    ['is the one before', [line('wrote', '1'), line('wrote', '2'), line('read', '1')], /reads 1/],
    [
      'is lost with the process',
      [line('wrote', '1'), 'killed app', line('read', null)],
      /reads nothing .* 1 was written/,
    ],
    ['was never written', [line('read', '3')], /reads 3 under 'k' at 0 ms; nothing was written/],
    [
      'is neither',
      [line('wrote', '1'), line('tried', '2'), line('read', '3')],
      /reads 3 .* 2 or 1 was written/,
    ],
  ])('catches what %s', (_what, lines, message) => {
    expect(messagesOf(...lines)).toEqual([expect.stringMatching(message)]);
  });
});
