/**
 * `npm run bench`: what a service costs in a population, beside the bare floor, and how many tasks a
 * worker runs, beside the queues that people know, in one run.
 * Machines are noisy: compare ratios, and look at the spread.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const rounds = 3;
const counts = [1_000, 10_000, 100_000];
const systems = ['floor', 'daruma'];
const figures = ['startUs', 'restartUs', 'stopUs', 'kb'] as const;
type Figures = Record<(typeof figures)[number], number>;

const script = fileURLToPath(new URL('population.ts', import.meta.url));

function measure(system: string, count: number): Figures {
  const args = ['--expose-gc', '--disable-warning=ExperimentalWarning', script, system, `${count}`];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Figures;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function row(cells: (string | number)[]): string {
  return cells
    .map((cell) => (typeof cell === 'number' ? cell.toFixed(2) : cell).padStart(11))
    .join(' ');
}

console.log(
  `A population under one dynamic supervisor; medians of ${rounds} rounds, one process each.`,
);
console.log(
  `Node ${process.version}; microseconds and kilobytes per service; restart: of each tenth.`,
);
console.log(row(['services', 'system', 'start µs', 'restart µs', 'stop µs', 'heap KB']));
for (const count of counts) {
  const results = new Map<string, Figures[]>(systems.map((system) => [system, []]));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? systems : systems.toReversed();
    for (const system of order) results.get(system)?.push(measure(system, count));
  }
  const medians = new Map<string, number[]>();
  for (const [system, all] of results) {
    medians.set(
      system,
      figures.map((figure) => median(all.map((each) => each[figure]))),
    );
    console.log(row([String(count), system, ...(medians.get(system) ?? [])]));
  }
  const floor = medians.get('floor') ?? [];
  const ratios = (medians.get('daruma') ?? []).map((value, index) => value / (floor[index] ?? 0));
  console.log(row([String(count), 'ratio', ...ratios]));
}

const resilience = fileURLToPath(new URL('resilience.ts', import.meta.url));
const callers = ['floor', 'cockatiel', 'daruma'];
const calls = 200_000;

function costOfCall(caller: string, name: string): number {
  const args = ['--disable-warning=ExperimentalWarning', resilience, caller, name, `${calls}`];
  const output = execFileSync(process.execPath, args, { encoding: 'utf8' });
  return (JSON.parse(output) as { us: number }).us;
}

console.log(
  `\nA call under a policy, one after the other; medians of ${rounds} rounds of ${calls} calls.`,
);
console.log('Microseconds of processor time per call; open: refused by an open breaker.');
console.log(row(['policy', ...callers.map((caller) => `${caller} µs`), 'of cockatiel']));
for (const name of ['breaker', 'retry', 'whole', 'open']) {
  const costs = new Map<string, number[]>(callers.map((caller) => [caller, []]));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? callers : callers.toReversed();
    for (const caller of order) costs.get(caller)?.push(costOfCall(caller, name));
  }
  const [floor = 0, cockatiel = 0, daruma = 0] = callers.map((one) => median(costs.get(one) ?? []));
  console.log(row([name, floor, cockatiel, daruma, daruma / cockatiel]));
}
const storage = fileURLToPath(new URL('storage.ts', import.meta.url));
console.log(execFileSync(process.execPath, [storage], { encoding: 'utf8' }).trim());
const taskScript = fileURLToPath(new URL('tasks.ts', import.meta.url));
const taskSystems = ['floor', 'fastq', 'p-queue', 'daruma'];
const taskCount = 50_000;

function tasksPerSecond(system: string, concurrency: number): number {
  const args = ['--expose-gc', taskScript, system, `${concurrency}`, `${taskCount}`];
  const output = execFileSync(process.execPath, args, { encoding: 'utf8' });
  return (JSON.parse(output) as { perSecond: number }).perSecond;
}

console.log(
  `\n${taskCount} tasks; medians of ${rounds} rounds, one process each; tasks per second.`,
);
console.log(row(['at a time', 'system', 'tasks/s', 'to daruma']));
for (const concurrency of [0, 10]) {
  const results = new Map<string, number[]>(taskSystems.map((system) => [system, []]));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? taskSystems : taskSystems.toReversed();
    for (const system of order) results.get(system)?.push(tasksPerSecond(system, concurrency));
  }
  const own = median(results.get('daruma') ?? []);
  for (const [system, all] of results) {
    const rate = median(all);
    const limit = concurrency === 0 ? 'no limit' : String(concurrency);
    console.log(row([limit, system, Math.round(rate).toLocaleString('en'), rate / own]));
  }
}

const failureTesting = fileURLToPath(new URL('failure-testing.ts', import.meta.url));
console.log(execFileSync(process.execPath, [failureTesting], { encoding: 'utf8' }).trim());

const bus = fileURLToPath(new URL('bus.ts', import.meta.url));
console.log(`\n${execFileSync(process.execPath, [bus], { encoding: 'utf8' }).trim()}`);
