import { describe, expect, it } from 'vitest';
import { percent, yearly } from '../../src/cli/check-numbers.ts';
import { behavioursFrom } from '../../src/cli/check-options.ts';
import { plain } from '../../src/cli/style.ts';
import { table } from '../../src/cli/table.ts';
import { compileTree } from '../../src/define/compile.ts';
import type { AnySupervisor } from '../../src/define/definition.ts';
import { optional } from '../../src/define/needs.ts';
import { service } from '../../src/define/service.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { measureAvailability } from '../../src/testing/availability.ts';
import { type Behaviour, behaviourAt, behaviourOf } from '../../src/testing/behaviour.ts';
import { measureCosts } from '../../src/testing/costs.ts';
import { Exhibit } from '../../src/testing/exhibit.ts';
import { checkTrace } from '../../src/testing/invariant.ts';
import { supervisionInvariants } from '../../src/testing/invariants/supervision.ts';
import { emptyPlan } from '../../src/testing/plan.ts';
import { runPlan } from '../../src/testing/run-plan.ts';
import { stubTree } from '../../src/testing/stub.ts';
import { TreeInfo } from '../../src/testing/tree-info.ts';

const refuse = () => {
  throw new Error('a body was run');
};
const database = service('database', { stopWithin: '2s', start: refuse });
const cache = service('cache', { restart: 'transient', start: refuse });
const feed = service('feed', { needs: { database, cache: optional(cache) } }, refuse);
const shop = supervisor('shop', [database, cache, feed]);
const infoOf = (root: AnySupervisor) => new TreeInfo(compileTree(root).root);

/** How a tree fares when its services fail as said. */
function fare(root: AnySupervisor, behaviours: Readonly<Record<string, Behaviour>>, hours = 2_000) {
  const tree = infoOf(root);
  const settings = {
    seed: 1,
    hours,
    behaviourOf: (path: string) => {
      const spec = tree.get(path)?.spec;
      return spec && behaviourOf(spec, behaviours[path] ?? {}, { mtbf: '1000000d' });
    },
    rebootMs: 10_000,
    graceMs: 25_000,
  };
  return { tree, settings, availability: measureAvailability(root, tree, settings) };
}

describe('a tree of stubs', () => {
  const idle = { start: () => {}, run: () => new Promise(() => {}), stop: () => {} };

  it('has the paths, policies, needs and limits of the tree', () => {
    const [own, stub] = [infoOf(shop), infoOf(stubTree(shop, idle))];

    expect(stub.digest).toBe(own.digest);
    expect(stub.get('shop/database')?.spec.stopWithinMs).toBe(2_000);
    expect(stub.get('shop/feed')?.spec).toMatchObject({
      needs: [
        { path: 'shop/database', optional: false },
        { path: 'shop/cache', optional: true },
      ],
    });
  });

  it('runs no body, and takes about as long as its behaviour says', async () => {
    const exhibit = new Exhibit(shop, (path) => {
      const spec = infoOf(shop).get(path)?.spec;
      return spec && behaviourOf(spec, { readyAfter: '1s', stopsAfter: '500ms' }, {});
    });

    await runPlan(exhibit.makeTree, emptyPlan, { workload: exhibit.workload });

    expect(exhibit.seen.startMs).toBeGreaterThanOrEqual(1_500);
    expect(exhibit.seen.startMs).toBeLessThanOrEqual(4_500);
    expect(exhibit.seen.stopMs).toBe(1_500);
  });

  it('fills dynamic supervisors, again after each of their starts, up to what they hold', async () => {
    const job = service('job', { startWithin: '2s', start: () => {} });
    const app = supervisor('app', { strategy: 'one-for-all' }, [
      supervisor('jobs', { strategy: 'dynamic', template: job }),
      supervisor('pair', { strategy: 'dynamic', template: job, maxChildren: 2 }),
      service('other', async () => {}),
    ]);
    const tree = infoOf(app);
    const { makeTree, workload } = new Exhibit(app, behaviourAt(tree, new Map()));
    const fault = { kind: 'crashAfter', trigger: { at: 1_000 }, target: 'app/other' } as const;

    const plan = { ...emptyPlan, faults: [fault, { ...fault, target: 'app/jobs/2' }] };
    const { trace } = await runPlan(makeTree, plan, { workload });

    const ready = trace.events.filter(({ type, path }) => type === 'ready' && /\d$/.test(path));
    const before = ready.filter(({ at }) => at < 1_000).map(({ path }) => path);
    expect(before.sort()).toEqual([
      'app/jobs/1',
      'app/jobs/2',
      'app/jobs/3',
      'app/pair/1',
      'app/pair/2',
    ]);
    // As long as a template with a start hook is expected to take.
    expect(ready[0]?.at).toBeGreaterThanOrEqual(100);
    expect(ready.filter(({ at }) => at > 1_000)).toHaveLength(5);
    expect(checkTrace(tree, trace, supervisionInvariants)).toEqual([]);
  });
});

describe('availability', () => {
  it('is 1 where nothing fails', async () => {
    const { anyDownMs, systemDownMs } = await fare(shop, {}).availability;

    expect([anyDownMs, systemDownMs]).toEqual([0, 0]);
  });

  it('is that of repairs, and of what restarts add to them', async () => {
    const rates = { 'shop/cache': { mtbf: '10h', mttr: '1m' } } as const;

    const { places, outages, anyDownMs } = await fare(shop, rates).availability;

    const { downMs = 0 } = places.get('shop/cache') ?? {};
    const { ms: outageMs = 0, count = 0 } = outages.get('shop/cache') ?? {};
    expect(count).toBeGreaterThan(140);
    expect(downMs).toBeGreaterThan(outageMs);
    expect(downMs).toBeLessThan(2 * outageMs);
    expect(anyDownMs).toBe(downMs);
    expect(places.get('shop/feed')?.downMs).toBe(0);
  });

  it('suffers with what it needs', async () => {
    const rates = { 'shop/database': { mtbf: '10h', mttr: '1m' } } as const;

    const { places } = await fare(shop, rates).availability;

    const down = (path: string) => places.get(path)?.downMs;
    expect(down('shop/feed')).toBe(down('shop/database'));
    expect(down('shop/cache')).toBe(0);
  });

  it('counts processes that give up', async () => {
    const strict = supervisor('strict', { intensity: 0 }, [service('only', () => {})]);
    const rates = { 'strict/only': { mtbf: '100h', mttr: '1s' } } as const;

    const { reboots, systemDownMs, places } = await fare(strict, rates).availability;

    expect(reboots).toBeGreaterThan(10);
    expect(systemDownMs).toBeGreaterThanOrEqual(reboots * 10_000);
    expect(places.get('strict')?.escalations).toBeGreaterThan(10);
  });

  it('is the same for the same seed, and better without what costs it', async () => {
    const slow = service('slow', { backoff: { first: '5m', max: '5m' } }, () => {});
    const root = supervisor('root', [slow]);
    const rates = { 'root/slow': { mtbf: '10h', mttr: '1s' } } as const;
    const { tree, settings, availability } = fare(root, rates, 500);

    const again = await fare(root, rates, 500).availability;
    const baseline = await availability;
    const costs = await measureCosts(root, tree, baseline, settings);

    expect(again).toEqual(baseline);
    const [failures, policy] = [
      costs.find(({ of }) => of === 'failures'),
      costs.find(({ of }) => of === 'policy'),
    ];
    expect(failures).toEqual({ path: 'root/slow', of: 'failures', ms: baseline.anyDownMs });
    expect(policy?.path).toBe('root/slow');
    expect(policy?.ms).toBeGreaterThan(baseline.anyDownMs / 2);
  });

  it('leaves the stacks of others alone, also where two are measured at once', async () => {
    const { stackTraceLimit } = Error;
    const flaky = service('flaky', () => {});
    const rates = { 'root/flaky': { mtbf: '1h', mttr: '1s' } } as const;
    const measure = (hours: number) => fare(supervisor('root', [flaky]), rates, hours).availability;

    await Promise.all([measure(1), measure(1_000)]);
    await Promise.all([measure(1_000), measure(1)]);

    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });
});

describe('what is said of services', () => {
  const tree = infoOf(shop);
  const read = (declared: unknown, ...flags: string[]) =>
    behavioursFrom(declared, flags, tree, 'shop.ts');

  it('is that of the file, and of --service, which wins', () => {
    const declared = { 'shop/feed': { mtbf: '1d', mttr: '1m' }, 'shop/cache': { runsFor: '1s' } };

    expect(Object.fromEntries(read(declared, 'shop/feed=mttr:5s,readyAfter:2s'))).toEqual({
      'shop/feed': { mtbf: '1d', mttr: '5s', readyAfter: '2s' },
      'shop/cache': { runsFor: '1s' },
    });
  });

  it.each([
    ['shop/fed=mtbf:1h', '--service shop/fed=mtbf:1h: there is no service shop/fed.'],
    ['shop/feed=mtf:1h', "--service shop/feed=mtf:1h: there is no 'mtf'."],
    [
      'shop/feed=mtbf:often',
      "--service shop/feed=mtbf:often: mtbf is 'often'; it must be a duration.",
    ],
    ['shop/feed', '--service shop/feed: it must say what of which service.'],
  ])('is refused: %s', (flag, message) => {
    expect(() => read(undefined, flag)).toThrow(message);
  });

  it('is refused when the file says nonsense', () => {
    expect(() => read(7)).toThrow('simulate of shop.ts is 7; it must be an object.');
    expect(() => read({ shop: { mtbf: '1h' } })).toThrow('there is no service shop.');
  });
});

describe('figures', () => {
  it.each([
    [0, '100 %'],
    [1, '99.9 %'],
    [46, '95.4 %'],
    [0.0046, '99.99954 %'],
  ])('shows every nine: %s of 1000', (down, text) => {
    expect(percent(down, 1_000)).toBe(text);
  });

  it('are those of a year', () => {
    expect(yearly(1, 365.25 * 86_400_000)).toBe(1);
  });

  it('stand in columns', () => {
    const columns = [
      { title: '', align: 'left' },
      { title: 'down', align: 'right' },
    ] as const;

    expect(
      table(
        columns,
        [
          ['app/feed', '1m'],
          ['app', '12s'],
        ],
        plain,
      ),
    ).toEqual(['          down', 'app/feed    1m', 'app        12s']);
  });
});
