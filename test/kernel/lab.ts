import { pino } from 'pino';
import type { AnySupervisor } from '../../src/define/definition.ts';
import {
  type Context,
  createSystem,
  type LifecycleEvent,
  type StopReport,
  type System,
  type SystemOptions,
} from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

/** A system on a virtual clock, with everything that it reports. */
export class Lab<Root extends AnySupervisor> {
  readonly clock: VirtualClock;
  readonly system: System<Root>;
  readonly events: LifecycleEvent[] = [];

  /** @param make how the system is made of its definition */
  constructor(
    root: Root,
    options: SystemOptions = {},
    make: (root: Root, options: SystemOptions) => System<Root> = createSystem,
  ) {
    // Several systems may live on the same clock.
    this.clock = options.clock instanceof VirtualClock ? options.clock : new VirtualClock();
    this.system = make(root, {
      clock: this.clock,
      logger: pino({ level: 'silent' }),
      env: {},
      seed: 1,
      ...options,
    });
    this.system.events$.subscribe((event) => this.events.push(event));
  }

  /** Begins the start; the caller moves the clock. Its failure is no unhandled rejection. */
  begin(): Promise<unknown> {
    const started = this.system.start();
    started.catch(() => {});
    return started;
  }

  async start(): Promise<this> {
    await this.until(this.begin());
    await this.clock.settle();
    return this;
  }

  stop(): Promise<StopReport> {
    return this.until(this.system.stop());
  }

  /** Lets virtual time pass until a promise has settled, and settles like it. */
  async until<Value>(promise: Promise<Value>): Promise<Value> {
    let isPending = true;
    const over = () => {
      isPending = false;
    };
    promise.then(over, over);
    await this.clock.settle();
    while (isPending) {
      const { nextAt } = this.clock;
      if (nextAt === undefined) throw new Error('It waits, and nothing will ever happen.');
      await this.clock.advance(nextAt - this.clock.monotonic());
    }
    return promise;
  }

  /** Lets virtual time pass until a promise has rejected; resolves with its error. */
  errorOf(promise: Promise<unknown>): Promise<unknown> {
    return this.until(failureOf(promise));
  }

  /** Resolves after a virtual time, whatever is cancelled meanwhile. */
  readonly wait = (ms: number): Promise<void> => {
    return new Promise((resolve) => this.clock.setTimeout(resolve, ms));
  };

  /** What was reported below a path, as `type path`; the system's phases left out. */
  log(below = ''): string[] {
    return this.events
      .filter(({ type, path }) => type !== 'phase' && path.startsWith(below))
      .map(({ type, path }) => `${type} ${path}`);
  }

  /** The events of one type. */
  all<Type extends LifecycleEvent['type']>(type: Type): Extract<LifecycleEvent, { type: Type }>[] {
    return this.events.filter(
      (event): event is Extract<LifecycleEvent, { type: Type }> => event.type === type,
    );
  }
}

/** What a promise rejects with, for a test that moves the clock itself. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('It did not reject.');
    },
    (error: unknown) => error,
  );
}

type Cancellable = Pick<Context, 'signal'>;

/** A body that lives until it is stopped. */
export function idle({ signal }: Cancellable): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

/** A body that never ends, whoever asks. */
export function deaf(): Promise<void> {
  return new Promise(() => {});
}

/** One life of a puppet. */
export interface Life<Ctx> {
  readonly ctx: Ctx;
  finish(): void;
  fail(error: unknown): void;
}

/** A body that ends when the test says so, or when it is stopped. */
export class Puppet<Ctx extends Cancellable = Context> {
  readonly lives: Life<Ctx>[] = [];

  readonly body = (ctx: Ctx): Promise<void> => {
    return new Promise((finish, fail) => {
      this.lives.push({ ctx, finish, fail });
      ctx.signal.addEventListener('abort', () => finish());
    });
  };

  /** The latest life. */
  get life(): Life<Ctx> {
    const life = this.lives.at(-1);
    if (!life) throw new Error('It has not lived yet.');
    return life;
  }
}
