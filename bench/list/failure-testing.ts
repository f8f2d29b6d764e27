import { service, supervisor } from '../../src/index.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import {
  emptyPlan,
  type Fault,
  type FaultPlan,
  runPlan,
  treeInfoOf,
} from '../../src/testing/index.ts';
import { type Bench, choose, type Figures, processorMs } from '../bench.ts';

const kinds = ['crashAfter', 'exitClean', 'throwNonError', 'slowReady', 'slowStop', 'clockJump'];

/** A property begins cold; a search over thousands of plans has everything compiled. */
const runsBefore = { 'the first 300': 0, '300 after 3,000': 3_000 } as const;

const bench: Bench = {
  name: 'failure-testing',
  compares:
    'runs of a tree of ten services under twenty faults each, over a minute of virtual time, on one core; processor time. Nothing stands beside it.',
  contenders: ['daruma'],
  base: 'daruma',
  cases: Object.keys(runsBefore),
  figures: ['runs/s', 'faults/s', 'events/s', 'µs per virtual s'],

  async run({ case: nameOfCase, isQuick }) {
    const before = choose(runsBefore, nameOfCase);
    if (before > 0) await measure(plans(isQuick ? 2 : before));
    return await measure(plans(isQuick ? 5 : 300));
  },
};

export default bench;

function makeTree() {
  const database = service('database', {
    start: async (ctx) => {
      await ctx.sleep(50);
      return 1;
    },
  });
  const services = Array.from({ length: 9 }, (_, nth) =>
    service(`s${nth}`, { needs: nth % 3 === 0 ? { database } : {} }, async (ctx) => {
      for (;;) await ctx.sleep('1s');
    }),
  );
  return supervisor('app', [
    database,
    supervisor('a', services.slice(0, 4)),
    supervisor('b', { strategy: 'rest-for-one' }, services.slice(4)),
  ]);
}

/** Twenty faults each, spread over the run, that a tree of default policies lives through. */
function plans(count: number): FaultPlan[] {
  const random = seededRandom(1);
  const below = (limit: number) => Math.floor(random() * limit);
  const paths = treeInfoOf(makeTree())
    .services()
    .map(({ path }) => path);
  return Array.from({ length: count }, (_, nth) => ({
    ...emptyPlan,
    seed: nth + 1,
    faults: Array.from({ length: 20 }, (): Fault => {
      const kind = kinds[below(kinds.length)] as string;
      const target = paths[below(paths.length)] as string;
      return { kind, trigger: { at: 100 + below(59_000) }, target, params: { ms: below(2_000) } };
    }),
  }));
}

async function measure(all: readonly FaultPlan[]): Promise<Figures> {
  let faults = 0;
  let events = 0;
  let virtualMs = 0;
  const ms = await processorMs(async () => {
    for (const plan of all) {
      const { trace, simulation } = await runPlan(makeTree, plan, { stacks: false });
      events += trace.events.length;
      virtualMs += simulation.now;
      for (const { type } of trace) if (type === 'fault') faults++;
    }
  });
  const seconds = ms / 1_000;
  return {
    'runs/s': all.length / seconds,
    'faults/s': faults / seconds,
    'events/s': events / seconds,
    'µs per virtual s': (seconds * 1e6) / (virtualMs / 1_000),
  };
}
