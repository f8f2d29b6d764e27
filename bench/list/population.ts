import { pino } from 'pino';
import { createSystem, service, supervisor } from '../../src/index.ts';
import { type Bench, choose, expect, type Figures, processorMs } from '../bench.ts';

interface Population {
  start(count: number): Promise<void>;
  /** Fails every tenth service and waits until all of those are ready again. */
  restartSome(count: number): Promise<void>;
  stop(): Promise<void>;
}

const populations: Record<string, () => Population> = { floor, daruma };

const cases: Record<string, number> = {
  '1,000 services': 1_000,
  '10,000 services': 10_000,
  '100,000 services': 100_000,
};

const bench: Bench = {
  name: 'population',
  compares:
    'a population under one dynamic supervisor, each child holding its signal, beside the same without supervision (floor); processor time per service, and for each of the tenth that fails and is restarted.',
  contenders: Object.keys(populations),
  base: 'floor',
  cases: Object.keys(cases),
  figures: ['start µs', 'restart µs', 'stop µs', 'heap KB'],

  async run({ contender, case: name, isQuick }) {
    const make = choose(populations, contender);
    // A small round first, so that nothing is measured cold.
    await measure(make, 200);
    return await measure(make, isQuick ? 500 : choose(cases, name));
  },
};

export default bench;

/** What a service costs without supervision: an async function, its signal, a place in a Map. */
function floor(): Population {
  const services = new Map<number, { controller: AbortController; done: Promise<void> }>();
  const launch = (id: number) => {
    const controller = new AbortController();
    const body = async (signal: AbortSignal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    };
    services.set(id, { controller, done: body(controller.signal) });
  };
  return {
    async start(count) {
      for (let id = 0; id < count; id++) launch(id);
    },
    async restartSome(count) {
      for (let id = 0; id < count; id += 10) {
        const old = services.get(id);
        old?.controller.abort();
        await old?.done;
        launch(id);
      }
    },
    async stop() {
      for (const { controller } of services.values()) controller.abort();
      await Promise.all([...services.values()].map(({ done }) => done));
    },
  };
}

function daruma(): Population {
  const fail = new Map<string, (error: Error) => void>();
  const worker = service(
    'worker',
    { backoff: { first: 0, max: 0 } },
    (ctx) =>
      new Promise<void>((_resolve, reject) => {
        fail.set(ctx.path, reject);
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason));
      }),
  );
  const pool = supervisor('pool', { strategy: 'dynamic', template: worker });
  const app = supervisor('app', [pool]);
  const logger = pino({ level: 'silent' });
  const system = createSystem(app, { logger, grace: 'infinity' });
  return {
    async start(count) {
      await system.start();
      const ref = system.ref('app/pool');
      const started: Promise<unknown>[] = [];
      for (let id = 0; id < count; id++) started.push(ref.startChild());
      await Promise.all(started);
      expect(ref.count().active === count, 'all are ready');
    },
    async restartSome(count) {
      const victims = [...fail.entries()].filter((_entry, index) => index % 10 === 0);
      let left = victims.length;
      const allBack = new Promise<void>((resolve) => {
        const subscription = system.events$.subscribe((event) => {
          if (event.type !== 'ready' || --left > 0) return;
          subscription.unsubscribe();
          resolve();
        });
      });
      for (const [, reject] of victims) reject(new Error('on purpose'));
      await allBack;
      expect(system.ref('app/pool').count().active === count, 'all are back');
    },
    async stop() {
      const report = await system.stop();
      expect(report.exitCode === 0, 'all are down');
    },
  };
}

async function measure(make: () => Population, count: number): Promise<Figures> {
  const population = make();
  const before = heapBytes();
  const startMs = await processorMs(() => population.start(count));
  const bytes = heapBytes() - before;
  const restartMs = await processorMs(() => population.restartSome(count));
  const stopMs = await processorMs(() => population.stop());
  return {
    'start µs': (startMs * 1_000) / count,
    'restart µs': (restartMs * 1_000) / (count / 10),
    'stop µs': (stopMs * 1_000) / count,
    'heap KB': bytes / 1_024 / count,
  };
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
