import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import {
  at,
  createSystem,
  cron,
  every,
  heartbeat,
  type ReadyOf,
  type RunContext,
  type RunResult,
  type Schedule,
  type Scheduler,
  scheduler,
  service,
  supervisor,
} from '../../src/index.ts';

const database = service('database', { start: () => ({ query: (sql: string) => sql.length }) });
const config = v.object({ url: v.string(), interval: v.number() });

describe('the type of a schedule', () => {
  it('carries its name, and a handle as its ready value', () => {
    const tick = every('tick', '1m', () => {});

    expectTypeOf(tick.name).toEqualTypeOf<'tick'>();
    expectTypeOf<ReadyOf<typeof tick>>().toEqualTypeOf<Schedule>();
    expectTypeOf(createSystem(supervisor('app', [tick])).value(tick)).toEqualTypeOf<
      Schedule | undefined
    >();
    expectTypeOf<Schedule['runNow']>().returns.toEqualTypeOf<Promise<RunResult>>();
  });

  it('gives its work what it needs and its configuration, typed', () => {
    every('sync', '1m', { needs: { database }, config }, (ctx) => {
      expectTypeOf(ctx.needs.database.query('x')).toEqualTypeOf<number>();
      expectTypeOf(ctx.config).toEqualTypeOf<{ url: string; interval: number }>();
      expectTypeOf(ctx.due).toEqualTypeOf<Date>();
      // @ts-expect-error a run does not make its schedule ready
      ctx.ready;
    });
    cron('report', '@daily', { needs: { database }, timezone: 'UTC' }, (ctx) => {
      expectTypeOf(ctx.needs.database.query('x')).toEqualTypeOf<number>();
    });
    at('once', new Date(0), { config }, (ctx) => {
      expectTypeOf(ctx.config.url).toEqualTypeOf<string>();
    });
    every('plain', '1m', (ctx) => {
      expectTypeOf(ctx).toEqualTypeOf<RunContext<Record<never, never>>>();
    });
  });

  it('of a heartbeat carries what it needs to each beat, and the same handle', () => {
    const pulse = heartbeat('pulse', { needs: { database }, interval: '1m' }, (ctx) => {
      expectTypeOf(ctx.needs.database.query('x')).toEqualTypeOf<number>();
    });

    expectTypeOf(pulse.name).toEqualTypeOf<'pulse'>();
    expectTypeOf<ReadyOf<typeof pulse>>().toEqualTypeOf<Schedule>();
    // @ts-expect-error that is an option of every()
    heartbeat('pulse', { failAfter: 3 }, () => {});
  });

  it('lets a function of the context say when', () => {
    every(
      'sync',
      (ctx) => ctx.config.interval,
      { config },
      () => {},
    );
    cron(
      'job',
      (ctx) => `0 ${ctx.config.interval} * * *`,
      { config },
      () => {},
    );
    at(
      'once',
      (ctx) => new Date(ctx.config.url),
      { config },
      () => {},
    );
    const named = { config: v.object({ zone: v.string() }) };
    every(
      'sync',
      // @ts-expect-error a period is no text
      (ctx) => ctx.config.zone,
      named,
      () => {},
    );
  });

  it('refuses what could never be', () => {
    // @ts-expect-error no duration
    every('a', '5 minutes', () => {});
    // @ts-expect-error no work
    every('a', '5m');
    // @ts-expect-error a name has no slash
    every('a/b', '5m', () => {});
    // @ts-expect-error only cron has a time zone
    every('a', '5m', { timezone: 'UTC' }, () => {});
    // @ts-expect-error a one-shot has no overlap
    at('a', 0, { overlap: 'skip' }, () => {});
    // @ts-expect-error a one-shot ends
    at('a', 0, { restart: 'permanent' }, () => {});
    // @ts-expect-error no such policy
    cron('a', '@daily', { missed: 'twice' }, () => {});
    // @ts-expect-error the delays of every run begin anew
    every('a', '5m', { retry: { backoff: { resetAfter: '1m' } } }, () => {});
  });

  it('of a scheduler takes one way to say when', () => {
    const jobs = scheduler('jobs');
    expectTypeOf<ReadyOf<typeof jobs>>().toEqualTypeOf<Scheduler>();
    const use = async (handle: Scheduler) => {
      await handle.schedule('a', { every: '1m', overlap: 'queue', run: () => {} });
      await handle.schedule('b', { cron: '@daily', timezone: 'UTC', run: () => {} });
      await handle.schedule('c', { at: new Date(0), run: (ctx) => ctx.sleep('1s') });
      // @ts-expect-error it does not say when
      await handle.schedule('d', { run: () => {} });
      // @ts-expect-error it does not say what
      await handle.schedule('e', { every: '1m' });
    };
    expectTypeOf(use).toBeFunction();
  });
});
