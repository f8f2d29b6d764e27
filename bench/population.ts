/**
 * One measurement in a process of its own: `node bench/population.ts SYSTEM COUNT` starts COUNT
 * services, checks that all are ready, restarts each tenth, stops them all, checks that all are
 * down, and prints one line of JSON. Microseconds and kilobytes per service.
 */
import { pino } from 'pino';
import { createSystem, service, supervisor } from '../src/index.ts';

interface Measurement {
  readonly startUs: number;
  readonly restartUs: number;
  readonly stopUs: number;
  readonly kb: number;
}

interface Population {
  start(count: number): Promise<void>;
  /** Fails every tenth service and waits until all of those are ready again. */
  restartSome(count: number): Promise<void>;
  stop(): Promise<void>;
}

const populations: Record<string, () => Population> = { floor, daruma };

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

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`The measurement is worthless: not ${what}.`);
}

async function timed(step: () => Promise<void>): Promise<number> {
  const before = performance.now();
  await step();
  return performance.now() - before;
}

async function measure(make: () => Population, count: number): Promise<Measurement> {
  const population = make();
  const before = heapBytes();
  const startMs = await timed(() => population.start(count));
  const bytes = heapBytes() - before;
  const restartMs = await timed(() => population.restartSome(count));
  const stopMs = await timed(() => population.stop());
  return {
    startUs: (startMs * 1_000) / count,
    restartUs: (restartMs * 1_000) / (count / 10),
    stopUs: (stopMs * 1_000) / count,
    kb: bytes / 1_024 / count,
  };
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const [name = '', count = ''] = process.argv.slice(2);
const make = populations[name];
if (!make) throw new Error(`Unknown system '${name}': ${Object.keys(populations).join(', ')}.`);
// A small round first, so that nothing is measured cold.
await measure(make, 200);
console.log(JSON.stringify(await measure(make, Number(count))));
