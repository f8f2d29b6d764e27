/**
 * What one core does: ten services, twenty faults in a run, a horizon of sixty seconds. Processor
 * time, so that other work on the machine counts less.
 */

import { service, supervisor } from '../src/index.ts';
import { seededRandom } from '../src/kernel/random.ts';
import {
  emptyPlan,
  type Fault,
  type FaultPlan,
  runPlan,
  treeInfoOf,
} from '../src/testing/index.ts';

const rounds = 5;
const plansInRound = 200;
const kinds = ['crashAfter', 'exitClean', 'throwNonError', 'slowReady', 'slowStop', 'clockJump'];

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
function plans(): FaultPlan[] {
  const random = seededRandom(1);
  const below = (limit: number) => Math.floor(random() * limit);
  const paths = treeInfoOf(makeTree())
    .services()
    .map(({ path }) => path);
  return Array.from({ length: plansInRound }, (_, nth) => ({
    ...emptyPlan,
    seed: nth + 1,
    faults: Array.from({ length: 20 }, (): Fault => {
      const kind = kinds[below(kinds.length)] as string;
      const target = paths[below(paths.length)] as string;
      return { kind, trigger: { at: 100 + below(59_000) }, target, params: { ms: below(2_000) } };
    }),
  }));
}

const all = plans();
const figures: { runs: number; faults: number; events: number; usPerSecond: number }[] = [];
for (let round = 0; round < rounds; round++) {
  let faults = 0;
  let events = 0;
  let simulatedMs = 0;
  const before = process.cpuUsage();
  for (const plan of all) {
    const { trace, simulation } = await runPlan(makeTree, plan, { stacks: false });
    events += trace.events.length;
    simulatedMs += simulation.now;
    for (const { type } of trace) if (type === 'fault') faults++;
  }
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  figures.push({
    runs: all.length / seconds,
    faults: faults / seconds,
    events: events / seconds,
    usPerSecond: (seconds * 1e6) / (simulatedMs / 1_000),
  });
}

const [best] = figures.toSorted((a, b) => b.runs - a.runs);
console.log(
  `Failure testing: 10 services with a loop of 1 s, 20 faults a run, 60 s; best of ${rounds} rounds.`,
);
console.log(
  `${best?.runs.toFixed(0)} tree runs/s, ${best?.faults.toFixed(0)} faults/s, ${best?.events.toFixed(0)} trace events/s, ${best?.usPerSecond.toFixed(0)} us for a simulated second`,
);
