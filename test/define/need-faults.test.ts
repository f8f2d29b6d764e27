import { describe, expect, it } from 'vitest';
import { compileTree } from '../../src/define/compile.ts';
import type { AnyDefinition } from '../../src/define/definition.ts';
import { optional } from '../../src/define/needs.ts';
import { service } from '../../src/define/service.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { queue, worker } from '../../src/index.ts';
import { appOf, errorOf, faultsOf, idle, wrongly } from './faults-of.ts';

const database = service('database', idle);
const needing = (needs: Record<string, unknown>) => service('web', { needs: wrongly(needs) }, idle);

describe('faults of needs', () => {
  it('DARUMA_UNKNOWN_NEED', () => {
    expect(faultsOf(appOf(needing({ database })))).toMatchInlineSnapshot(`
      "  - app/web: needs.database, the service 'database', is not in the tree. [DARUMA_UNKNOWN_NEED]
          Add it to the children of a supervisor, or write optional(database) to go without."
    `);
    expect(faultsOf(appOf(database, needing({ db: 'app/databse' })))).toMatchInlineSnapshot(`
      "  - app/web: needs.db is 'app/databse', which is not in the tree. [DARUMA_UNKNOWN_NEED]
          Did you mean 'app/database'?"
    `);
    expect(faultsOf(appOf(database, needing({ db: 'database' })))).toMatchInlineSnapshot(`
      "  - app/web: needs.db is 'database', which is not in the tree. [DARUMA_UNKNOWN_NEED]
          Did you mean 'app/database'?"
    `);
    expect(faultsOf(appOf(needing({ x: 'somewhere/else' })))).toMatchInlineSnapshot(`
      "  - app/web: needs.x is 'somewhere/else', which is not in the tree. [DARUMA_UNKNOWN_NEED]
          A path is absolute: it begins with the name of the root."
    `);
  });

  it('DARUMA_NOT_A_DEFINITION', () => {
    expect(faultsOf(appOf(needing({ database: undefined })))).toMatchInlineSnapshot(`
      "  - app/web: needs.database is undefined; it must be a definition, () => definition or an absolute path. [DARUMA_NOT_A_DEFINITION]
          A forgotten import, or files that import each other: write database: () => database."
    `);
    expect(faultsOf(appOf(needing({ database: () => undefined })))).toMatchInlineSnapshot(`
      "  - app/web: needs.database is a function that returned undefined; it must be a definition, () => definition or an absolute path. [DARUMA_NOT_A_DEFINITION]
          A forgotten import, or files that import each other: write database: () => database."
    `);
    expect(faultsOf(appOf(needing({ database: 3 })))).toMatchInlineSnapshot(
      `"  - app/web: needs.database is 3; it must be a definition, () => definition or an absolute path. [DARUMA_NOT_A_DEFINITION]"`,
    );
  });

  it('DARUMA_NOT_A_DEFINITION, for what is made for one job: a service outlives it', () => {
    const cart = (job: { id: string }) => ({ of: job.id });
    const orders = queue('orders');

    expect(faultsOf(appOf(needing({ cart })))).toMatchInlineSnapshot(`
      "  - app/web: needs.cart is a function that takes an argument; it must be a definition, () => definition or an absolute path. [DARUMA_NOT_A_DEFINITION]
          A service outlives every job, so it cannot need what is made for one: that goes into 'perJob' of the worker, and is found in job.needs."
    `);
    expect(faultsOf(appOf(needing({ cart: () => ({ of: 'anybody' }) })))).toMatchInlineSnapshot(`
      "  - app/web: needs.cart is a function that returned an object; it must be a definition, () => definition or an absolute path. [DARUMA_NOT_A_DEFINITION]
          A service outlives every job, so it cannot need what is made for one: that goes into 'perJob' of the worker, and is found in job.needs."
    `);
    expect(faultsOf(appOf(needing({ orders })))).toMatchInlineSnapshot(`
      "  - app/web: needs.orders is an object; it must be a definition, () => definition or an absolute path. [DARUMA_NOT_A_DEFINITION]
          Jobs are added with ctx.jobs.enqueue(queue, payload), by everybody. To wait for who runs them, need its worker."
    `);
    expect(
      faultsOf(appOf(service('web', wrongly({ perJob: { cart } }), idle))),
    ).toMatchInlineSnapshot(`
      "  - app/web: there is no option perJob. [DARUMA_UNKNOWN_OPTION]
          It is an option of worker(): what a service has lives as long as the service."
    `);
    const taking = worker(orders, wrongly({ needs: { cart }, perJob: { cart } }), () => {});
    expect(faultsOf(appOf(taking))).toContain('app/orders: needs.cart is a function that takes');
  });

  it('DARUMA_NOT_A_DEFINITION, for a thunk that throws', () => {
    const needs = {
      database: () => {
        throw new ReferenceError('too early');
      },
    };

    expect(faultsOf(appOf(needing(needs)))).toMatchInlineSnapshot(
      `"  - app/web: needs.database is a function that threw an error: too early; it must be a definition, () => definition or an absolute path. [DARUMA_NOT_A_DEFINITION]"`,
    );
  });

  it('DARUMA_NEEDS_CYCLE for itself, DARUMA_INVALID_NEED for what it belongs to', () => {
    expect(faultsOf(appOf(needing({ me: 'app/web' })))).toMatchInlineSnapshot(`
      "  - app/web: needs.me is itself: app/web -> app/web. [DARUMA_NEEDS_CYCLE]
          Remove it."
    `);
    expect(
      faultsOf(appOf(supervisor('s', [needing({ s: 'app/s', app: optional('app') })]))),
    ).toMatchInlineSnapshot(`
      "  - app/s/web: needs.s is app/s, the supervisor that it belongs to: it would wait for itself. [DARUMA_INVALID_NEED]
          Need the sibling that it is really about.
        - app/s/web: needs.app is app, the supervisor that it belongs to: it would wait for itself. [DARUMA_INVALID_NEED]
          Need the sibling that it is really about."
    `);
  });

  it('DARUMA_INVALID_NEED, for what comes and goes', () => {
    const worker = service('worker', idle);
    const pool = supervisor('pool', { strategy: 'dynamic', template: worker });

    expect(faultsOf(appOf(pool, needing({ worker })))).toMatchInlineSnapshot(`
      "  - app/web: needs.worker is app/pool/*, a child that comes and goes. [DARUMA_INVALID_NEED]
          Dynamic and spawned children may have needs, not be one. Need their supervisor instead."
    `);
    expect(faultsOf(appOf(pool, needing({ worker: 'app/pool/7' })))).toMatchInlineSnapshot(`
      "  - app/web: needs.worker is app/pool/7, a child that comes and goes. [DARUMA_INVALID_NEED]
          Dynamic and spawned children may have needs, not be one. Need their supervisor instead."
    `);
  });

  it('allows a dynamic child to need what stays, and a service to need a pool', () => {
    const worker = service('worker', { needs: { database } }, idle);
    const pool = supervisor('pool', { strategy: 'dynamic', template: worker });

    expect(() => compileTree(appOf(database, pool, needing({ pool })))).not.toThrow();
  });

  it('DARUMA_AMBIGUOUS_NEED', () => {
    const tree = (need: unknown) =>
      appOf(supervisor('s', [database]), supervisor('t', [database]), needing({ need }));

    expect(faultsOf(tree(database))).toMatchInlineSnapshot(`
      "  - app/web: needs.need, the service 'database', is in the tree 2 times: app/s/database, app/t/database. [DARUMA_AMBIGUOUS_NEED]
          Say which by its path: need: 'app/s/database'."
    `);
    expect(() => compileTree(tree('app/s/database'))).not.toThrow();
  });

  it('takes the place that can be needed where a template has the definition too', () => {
    const pool = supervisor('pool', { strategy: 'dynamic', template: database });

    expect(() => compileTree(appOf(database, pool, needing({ database })))).not.toThrow();
  });
});

describe('circles of needs', () => {
  const parallel = (...children: AnyDefinition[]) =>
    supervisor('app', { start: 'parallel' }, children);
  const node = (name: string, ...needs: string[]) =>
    service(name, { needs: Object.fromEntries(needs.map((path) => [path, path])) }, idle);
  const pathsOf = (root: AnyDefinition) =>
    errorOf(() => compileTree(root)).faults.map(({ paths }) => paths);

  it('DARUMA_NEEDS_CYCLE, for services that need each other', () => {
    const tree = parallel(node('a', 'app/b'), node('b', 'app/a'));

    expect(faultsOf(tree)).toMatchInlineSnapshot(`
      "  - app/a: it waits for itself: app/a -> app/b -> app/a [DARUMA_NEEDS_CYCLE]
          Drop one of these needs; what two services share may be a third that both need."
    `);
    expect(pathsOf(tree)).toEqual([['app/a', 'app/b']]);
  });

  it('names exactly the members of a circle', () => {
    const tree = parallel(
      node('before', 'app/a'),
      node('a', 'app/b', 'app/after'),
      node('b', 'app/c'),
      node('c', 'app/a'),
      node('after'),
    );

    expect(pathsOf(tree)).toEqual([['app/a', 'app/b', 'app/c']]);
  });

  it('counts optional needs', () => {
    const a: AnyDefinition = service('a', { needs: { b: () => b } }, idle);
    const b: AnyDefinition = service('b', { needs: { a: optional(a) } }, idle);

    expect(pathsOf(parallel(a, b))).toEqual([['app/a', 'app/b']]);
  });

  it('DARUMA_NEEDS_CYCLE, for a need that starts later', () => {
    const tree = appOf(node('web', 'app/db'), service('db', idle));

    expect(faultsOf(tree)).toMatchInlineSnapshot(`
      "  - app/web: it waits for app/db, which starts after it: app starts web before db. app/web -> app/db -> app/web [DARUMA_NEEDS_CYCLE]
          Move db before web, or give app start: 'parallel'."
    `);
    expect(pathsOf(tree)).toEqual([['app/web', 'app/db']]);
  });

  it('finds a need in a later subtree', () => {
    const tree = appOf(
      supervisor('edge', [node('web', 'app/data/db')]),
      supervisor('data', [service('db', idle)]),
    );

    expect(faultsOf(tree)).toMatchInlineSnapshot(`
      "  - app/edge/web: it waits for app/data/db, which starts after it: app starts edge before data. app/edge/web -> app/data/db -> app/edge/web [DARUMA_NEEDS_CYCLE]
          Move data before edge, or give app start: 'parallel'."
    `);
  });

  it('allows a need in an earlier subtree, and any order in parallel', () => {
    const db = service('db', idle);

    expect(() => compileTree(appOf(supervisor('s', [db]), node('web', 'app/s/db')))).not.toThrow();
    expect(() =>
      compileTree(parallel(node('web', 'app/s/db'), supervisor('s', [db]))),
    ).not.toThrow();
  });

  it('finds a circle through a supervisor that is needed', () => {
    const tree = parallel(node('a', 'app/s'), supervisor('s', [node('x', 'app/a')]));

    expect(faultsOf(tree)).toMatchInlineSnapshot(`
      "  - app/a: it waits for itself: app/a -> app/s -> app/s/x -> app/a [DARUMA_NEEDS_CYCLE]
          Drop one of these needs; what two services share may be a third that both need."
    `);
    expect(pathsOf(tree)).toEqual([['app/a', 'app/s', 'app/s/x']]);
  });

  it('finds a circle of needs and start order together', () => {
    const tree = parallel(
      supervisor('s', [node('s1', 'app/t/t2'), node('s2')]),
      supervisor('t', [node('t1', 'app/s/s2'), node('t2')]),
    );

    expect(faultsOf(tree)).toMatchInlineSnapshot(`
      "  - app/s/s1: it waits for itself: app/s/s1 -> app/t/t2 -> app/t/t1 -> app/s/s2 -> app/s/s1 [DARUMA_NEEDS_CYCLE]
          Drop one of these needs; what two services share may be a third that both need."
    `);
  });

  it('reports separate circles separately', () => {
    const tree = parallel(
      node('a', 'app/b'),
      node('b', 'app/a', 'app/c'),
      node('c', 'app/b'),
      node('d', 'app/e'),
      node('e', 'app/d'),
    );

    expect(pathsOf(tree)).toEqual([
      ['app/a', 'app/b'],
      ['app/d', 'app/e'],
      ['app/b', 'app/c'],
    ]);
  });

  it('does not wait for copies of a template', () => {
    const worker = node('worker', 'app/later');
    const pool = supervisor('pool', { strategy: 'dynamic', template: worker });

    expect(() => compileTree(appOf(pool, service('later', idle)))).not.toThrow();
  });

  it('draws a circle through a population short', () => {
    const many = Array.from({ length: 100 }, (_, i) => node(`n${i}`, `app/n${(i + 1) % 100}`));
    const [fault] = errorOf(() => compileTree(parallel(...many))).faults;

    expect(fault?.paths).toHaveLength(100);
    expect(fault?.message).toMatchInlineSnapshot(
      `"it waits for itself: app/n0 -> app/n1 -> app/n2 -> app/n3 -> app/n4 -> app/n5 -> app/n6 -> app/n7 -> app/n8 -> app/n9 -> ... -> app/n0"`,
    );
  });
});
