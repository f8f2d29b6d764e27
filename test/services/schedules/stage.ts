import type { AnyDefinition, AnyService } from '../../../src/define/definition.ts';
import type { LifecycleEvent, RunContext, Schedule, SystemOptions } from '../../../src/index.ts';
import { supervisor } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';

type RunEvent = Extract<LifecycleEvent, { type: 'schedule-run' }>;

/** An app of schedules on a virtual clock. */
export class Stage extends Lab<ReturnType<typeof appOf>> {
  constructor(children: readonly AnyDefinition[], options: SystemOptions = {}) {
    super(appOf(children), options);
  }

  static async of(...children: readonly AnyDefinition[]): Promise<Stage> {
    return await new Stage(children).start();
  }

  /** The present handle of a schedule. */
  handle(definition: AnyService): Schedule {
    return this.system.value(definition) as Schedule;
  }

  runs(status: RunEvent['status'], path?: string): RunEvent[] {
    return this.all('schedule-run').filter(
      (event) => event.status === status && (path === undefined || event.path === path),
    );
  }

  /** Virtual times at which runs began. */
  begun(path?: string): number[] {
    return this.runs('started', path).map(({ at }) => at);
  }

  /** Times of day at which runs were due, as ISO text without seconds. */
  dues(path?: string): string[] {
    return this.runs('started', path).map(({ due }) => minute(due ?? 0));
  }

  /** `<why> <count>` of everything that was skipped. */
  skips(path?: string): string[] {
    return this.all('schedule-skipped')
      .filter((event) => path === undefined || event.path === path)
      .map(({ why, count }) => `${why} ${count}`);
  }
}

function appOf(children: readonly AnyDefinition[]) {
  return supervisor('app', children);
}

/** `2026-03-08T07:00` */
export function minute(time: number): string {
  return new Date(time).toISOString().slice(0, 16);
}

/** Work that ends when the test says so, or when it is cancelled. */
export class Job {
  readonly calls: { ctx: RunContext; finish: () => void; fail: (error: unknown) => void }[] = [];
  live = 0;
  most = 0;

  readonly work = (ctx: RunContext): Promise<void> => {
    this.live++;
    this.most = Math.max(this.most, this.live);
    return new Promise<void>((finish, fail) => {
      this.calls.push({ ctx, finish, fail });
      ctx.signal.addEventListener('abort', () => fail(ctx.signal.reason));
    }).finally(() => {
      this.live--;
    });
  };

  get call() {
    const call = this.calls.at(-1);
    if (!call) throw new Error('It was not called yet.');
    return call;
  }
}
