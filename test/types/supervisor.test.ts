import { describe, expectTypeOf, it } from 'vitest';
import type { AnyDefinition, MessagesOf, ReadyOf } from '../../src/define/definition.ts';
import { service } from '../../src/define/service.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import type { PathsOf, TreeOf } from '../../src/define/tree.ts';

const idle = () => {};
/** Compiled, never called. */
const types = (check: () => void) => check;

const feed = service('feed', { receive: { ping: (n: number) => n } }, idle);
const worker = service('worker', { start: () => 3 });
const edge = supervisor('edge', { start: 'parallel' }, [feed, worker]);
const pool = supervisor('pool', { strategy: 'dynamic', template: worker, maxChildren: 3 });

describe('the tree of a supervisor', () => {
  const app = supervisor('app', [feed, edge, pool, service('inline', { start: async () => 'x' })]);
  type Tree = TreeOf<typeof app>;

  it('has the paths of everything below', () => {
    expectTypeOf<PathsOf<typeof app>>().toEqualTypeOf<
      | 'app'
      | 'app/feed'
      | 'app/edge'
      | 'app/edge/feed'
      | 'app/edge/worker'
      | 'app/pool'
      | `app/pool/${string}`
      | 'app/inline'
    >();
  });

  it('knows the definition at each', () => {
    expectTypeOf<Tree['app/edge/feed']>().toEqualTypeOf<typeof feed>();
    expectTypeOf<Tree['app/pool/7']>().toEqualTypeOf<typeof worker>();
    expectTypeOf<ReadyOf<Tree['app/inline']>>().toEqualTypeOf<string>();
    expectTypeOf<ReadyOf<Tree['app/edge']>>().toEqualTypeOf<undefined>();
  });

  it('knows definitions that are written among the children', () => {
    const inline = supervisor('app', [
      service('web', { watchdog: '1s' }, idle),
      service('pool', { start: async () => ({ size: 1 }) }),
      service('counter', { receive: { add: (n: number, ctx) => n + ctx.incarnation } }),
    ]);
    type Inline = TreeOf<typeof inline>;

    expectTypeOf<ReadyOf<Inline['app/web']>>().toEqualTypeOf<undefined>();
    expectTypeOf<ReadyOf<Inline['app/pool']>>().toEqualTypeOf<{ size: number }>();
    expectTypeOf<MessagesOf<Inline['app/counter']>['add']['reply']>().toEqualTypeOf<number>();
    expectTypeOf<keyof MessagesOf<Inline['app/web']>>().toEqualTypeOf<never>();
  });

  it('goes down as deep as it is', () => {
    const deep = supervisor('a', [supervisor('b', [supervisor('c', [supervisor('d', [feed])])])]);

    expectTypeOf<PathsOf<typeof deep>>().toEqualTypeOf<
      'a' | 'a/b' | 'a/b/c' | 'a/b/c/d' | 'a/b/c/d/feed'
    >();
  });

  it('takes any path below a template that is a supervisor', () => {
    const sessions = supervisor('sessions', { strategy: 'dynamic', template: edge });

    expectTypeOf<TreeOf<typeof sessions>['sessions/1/feed']>().toEqualTypeOf<AnyDefinition>();
  });

  it('widens where names are computed', () => {
    const list: AnyDefinition[] = [feed];
    const wide = supervisor('app', [supervisor('wide', list), ...list.slice(1)]);

    expectTypeOf<'app/wide/anything'>().toExtend<PathsOf<typeof wide>>();
  });

  it('is empty but for itself without children', () => {
    const empty = supervisor('app', []);

    expectTypeOf<PathsOf<typeof empty>>().toEqualTypeOf<'app'>();
  });
});

describe('mistakes do not compile', () => {
  it('in names, children and options', () => {
    types(() => {
      // @ts-expect-error a name contains no /
      supervisor('a/b', [feed]);
      // @ts-expect-error not a definition
      supervisor('app', [idle]);
      // @ts-expect-error a list is due
      supervisor('app', feed);
      // @ts-expect-error no such strategy
      supervisor('app', { strategy: 'one-for-two' }, [feed]);
      // @ts-expect-error no such option
      supervisor('app', { maxRestarts: 3 }, [feed]);
      // @ts-expect-error not a duration
      supervisor('app', { period: '1 minute' }, [feed]);
      // @ts-expect-error supervisors are not cut off
      supervisor('app', { stopWithin: 'brutal' }, [feed]);
      // @ts-expect-error a template is due
      supervisor('app', { strategy: 'dynamic' });
      // @ts-expect-error no children beside a template
      supervisor('app', { strategy: 'dynamic', template: worker }, [feed]);
      // @ts-expect-error only for dynamic supervisors
      supervisor('app', { maxChildren: 3 }, [feed]);
      // @ts-expect-error children are due
      supervisor('app', { strategy: 'one-for-all' });
    });
  });

  it('in paths', () => {
    const app = supervisor('app', [edge]);
    const find = <Path extends PathsOf<typeof app>>(path: Path): TreeOf<typeof app>[Path] =>
      path as never;

    types(() => {
      expectTypeOf(find('app/edge/feed')).toEqualTypeOf<typeof feed>();
      // @ts-expect-error no such path
      find('app/edge/fed');
    });
  });
});
