import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import { type ActorRefFrom, createMachine, fromPromise, setup } from 'xstate';
import type { Context } from '../../src/define/context.ts';
import type { InputOf, MessagesOf, ReadyOf } from '../../src/define/definition.ts';
import { ignore } from '../../src/define/ignore.ts';
import { manual } from '../../src/define/manual.ts';
import { optional } from '../../src/define/needs.ts';
import { service } from '../../src/define/service.ts';

interface Pool extends AsyncDisposable {
  rows(): number[];
}
declare const open: (url: string) => Promise<Pool>;
const idle = () => {};
/** Compiled, never called. */
const types = (check: () => void) => check;

const database = service('database', { start: (ctx) => open(ctx.path), run: idle });

describe('the ready value', () => {
  it('is what start resolves with', () => {
    types(() => {
      const now = service('now', { start: () => 3 });
      const later = service('later', { start: async (ctx) => ctx.use(await open('x')) });

      expectTypeOf<ReadyOf<typeof now>>().toEqualTypeOf<number>();
      expectTypeOf<ReadyOf<typeof later>>().toEqualTypeOf<Pool>();
    });
  });

  it('does not know of ignore', () => {
    types(() => {
      const maybe = service('maybe', {
        config: v.object({ on: v.boolean() }),
        start: async (ctx) => (ctx.config.on ? await open('x') : ignore),
        stop: (_ctx, pool) => expectTypeOf(pool).toEqualTypeOf<Pool>(),
      });
      const now = service('now', { start: (ctx) => (ctx.attempt > 1 ? ignore : ctx.path) });

      expectTypeOf<ReadyOf<typeof maybe>>().toEqualTypeOf<Pool>();
      expectTypeOf<ReadyOf<typeof now>>().toEqualTypeOf<string>();
    });
  });

  it('is undefined without a start hook', () => {
    types(() => {
      const plain = service('plain', idle);
      const hooks = service('hooks', { run: idle });

      expectTypeOf<ReadyOf<typeof plain>>().toEqualTypeOf<undefined>();
      expectTypeOf<ReadyOf<typeof hooks>>().toEqualTypeOf<undefined>();
    });
  });

  it('is what manual says', () => {
    types(() => {
      const typed = service('typed', { ready: manual<Pool>() }, async (ctx) => {
        ctx.ready(await open('x'));
        // @ts-expect-error a pool is due
        ctx.ready();
        // @ts-expect-error not a pool
        ctx.ready(3);
      });
      const empty = service('empty', { ready: manual() }, (ctx) => ctx.ready());
      const loose = service('loose', { ready: 'manual' }, (ctx) => ctx.ready(3));

      expectTypeOf<ReadyOf<typeof typed>>().toEqualTypeOf<Pool>();
      expectTypeOf<ReadyOf<typeof empty>>().toEqualTypeOf<undefined>();
      expectTypeOf<ReadyOf<typeof loose>>().toEqualTypeOf<unknown>();
    });
  });

  it('is handed to run, stop and drain', () => {
    types(() => {
      service('all', {
        start: (ctx) => open(ctx.path),
        run: (_ctx, pool) => expectTypeOf(pool).toEqualTypeOf<Pool>(),
        stop: (_ctx, pool) => expectTypeOf(pool).toEqualTypeOf<Pool>(),
        drain: (_ctx, pool) => expectTypeOf(pool).toEqualTypeOf<Pool>(),
      });
      service('last', { start: () => 3 }, (_ctx, value) =>
        expectTypeOf(value).toEqualTypeOf<number>(),
      );
    });
  });
});

describe('XState logic as a body', () => {
  const door = setup({
    types: {} as {
      input: { key: string; ctx: Context };
      events: { type: 'open' };
      context: { key: string };
    },
  }).createMachine({
    context: ({ input }) => ({ key: input.key }),
    initial: 'shut',
    states: { shut: {}, open: {} },
  });

  it('makes its actor ready', () => {
    types(() => {
      const last = service('door', { input: { key: 'x' }, ready: (s) => s.matches('open') }, door);
      const run = service('door', { run: door, ready: (s) => s.context.key === 'x' });
      const bare = service('door', door);
      const promise = service(
        'job',
        fromPromise(async () => 1),
      );

      expectTypeOf<ReadyOf<typeof last>>().toEqualTypeOf<ActorRefFrom<typeof door>>();
      expectTypeOf<ReadyOf<typeof run>>().toEqualTypeOf<ActorRefFrom<typeof door>>();
      expectTypeOf<ReadyOf<typeof bare>>().toEqualTypeOf<ActorRefFrom<typeof door>>();
      expectTypeOf<ReadyOf<typeof promise>['send']>().toBeFunction();

      service('guest', { needs: { last } }, (ctx) => {
        ctx.needs.last.send({ type: 'open' });
        // @ts-expect-error no such event
        ctx.needs.last.send({ type: 'opne' });
      });
    });
  });

  it('checks its input and its predicate', () => {
    types(() => {
      service('untyped', { input: { anything: 1 } }, createMachine({}));
      // @ts-expect-error no such input
      service('door', { input: { lock: 'x' } }, door);
      // @ts-expect-error no such state
      service('door', { ready: (s) => s.matches('opne') }, door);
    });
  });
});

describe('needs', () => {
  it('have the types of what they name', () => {
    types(() => {
      const plain = service('plain', idle);
      service(
        'web',
        {
          needs: {
            database,
            lazy: () => database,
            maybe: optional(database),
            maybeLazy: optional(() => database),
            path: 'app/database',
            plain,
          },
        },
        ({ needs }) => {
          expectTypeOf(needs.database).toEqualTypeOf<Pool>();
          expectTypeOf(needs.lazy).toEqualTypeOf<Pool>();
          expectTypeOf(needs.maybe).toEqualTypeOf<Pool | undefined>();
          expectTypeOf(needs.maybeLazy).toEqualTypeOf<Pool | undefined>();
          expectTypeOf(needs.path).toEqualTypeOf<unknown>();
          expectTypeOf(needs.plain).toEqualTypeOf<undefined>();
          // @ts-expect-error no such need
          needs.databse;
        },
      );
    });
  });

  it('are in the context of every hook and handler', () => {
    types(() => {
      service('web', {
        needs: { database },
        receive: { rows: (_payload: undefined, ctx) => ctx.needs.database.rows() },
        start: (ctx) => ctx.needs.database.rows(),
        stop: (ctx) => ctx.needs.database.rows(),
      });
    });
  });

  it('type functions that are written elsewhere', () => {
    types(() => {
      const serve = (ctx: Context<{ database: typeof database }>) => ctx.needs.database.rows();

      service('web', { needs: { database } }, serve);
      // @ts-expect-error it is not among the needs
      service('web', { needs: {} }, serve);
    });
  });
});

describe('configuration, input and messages', () => {
  it('are typed', () => {
    types(() => {
      const config = v.object({ port: v.optional(v.number(), 80) });
      const worker = service('worker', {
        config,
        input: { shard: 0 },
        receive: {
          add: (payload: { n: number }, ctx) => payload.n + ctx.input.shard + ctx.config.port,
          ping: async () => 'pong' as const,
          untyped: (payload) => expectTypeOf(payload).toEqualTypeOf<unknown>(),
        },
        run: (ctx) => {
          expectTypeOf(ctx.config).toEqualTypeOf<{ port: number }>();
          expectTypeOf(ctx.input).toEqualTypeOf<{ shard: number }>();
        },
      });

      expectTypeOf<InputOf<typeof worker>>().toEqualTypeOf<{ shard: number }>();
      expectTypeOf<MessagesOf<typeof worker>['add']>().toEqualTypeOf<{
        readonly payload: { n: number };
        readonly reply: number;
      }>();
      expectTypeOf<MessagesOf<typeof worker>['ping']>().toEqualTypeOf<{
        readonly payload: undefined;
        readonly reply: 'pong';
      }>();

      service('boss', async (ctx) => {
        ctx.send(worker, 'add', { n: 1 });
        expectTypeOf(
          await ctx.ask(worker, 'add', { n: 1 }, { timeout: '1s' }),
        ).toEqualTypeOf<number>();
        expectTypeOf(await ctx.ask(worker, 'ping')).toEqualTypeOf<'pong'>();
        expectTypeOf(await ctx.ask('app/worker', 'ping')).toEqualTypeOf<unknown>();
        await ctx.spawn(worker, { id: 'a', input: { shard: 1 } });
        // @ts-expect-error the wrong payload
        ctx.send(worker, 'add', { m: 1 });
        // @ts-expect-error no payload
        ctx.send(worker, 'add');
        // @ts-expect-error no such message
        ctx.send(worker, 'sub', { n: 1 });
        // @ts-expect-error the wrong input
        await ctx.spawn(worker, { input: { shard: 'x' } });
        // @ts-expect-error not a duration
        await ctx.sleep('5 seconds');
      });
    });
  });

  it('are unknown where nothing is said', () => {
    types(() => {
      service('plain', (ctx) => {
        expectTypeOf(ctx.config).toEqualTypeOf<unknown>();
        expectTypeOf(ctx.input).toEqualTypeOf<unknown>();
      });
    });
  });
});

describe('mistakes do not compile', () => {
  it('in names', () => {
    types(() => {
      // @ts-expect-error a name is not empty
      service('', idle);
      // @ts-expect-error a name contains no /
      service('a/b', idle);
      // @ts-expect-error a name contains no white space
      service('a b', idle);
      // @ts-expect-error a name does not begin with $
      service('$a', idle);
      // @ts-expect-error this name is reserved
      service('*', idle);
    });
  });

  it('in options', () => {
    types(() => {
      // @ts-expect-error no such option
      service('a', { watchdogg: '5s' }, idle);
      // @ts-expect-error an option of supervisors
      service('a', { strategy: 'one-for-one' }, idle);
      // @ts-expect-error not a restart type
      service('a', { restart: 'prmanent' }, idle);
      // @ts-expect-error not a duration
      service('a', { startWithin: '5sec' }, idle);
      // @ts-expect-error only stopWithin knows words
      service('a', { startWithin: 'infinity' }, idle);
      // @ts-expect-error not an answer
      service('a', { decide: () => 'ignore' }, idle);
      // @ts-expect-error no such jitter
      service('a', { backoff: { jitter: 'some' } }, idle);
      // @ts-expect-error not a schema
      service('a', { config: { port: 80 } }, idle);
      // @ts-expect-error not a definition
      service('a', { needs: { database: 3 } }, idle);
      // @ts-expect-error not a handler
      service('a', { receive: { ping: 3 } }, idle);
      // @ts-expect-error neither a function nor logic
      service('a', Promise.resolve());
    });
  });
});
