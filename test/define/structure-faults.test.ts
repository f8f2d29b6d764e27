import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { compileTree } from '../../src/define/compile.ts';
import { service } from '../../src/define/service.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import {
  appOf,
  errorOf,
  faultsOf,
  faultsOfService,
  faultsOfSupervisor,
  idle,
  textOf,
  wrongly,
} from './faults-of.ts';

const feed = service('feed', idle);

describe('faults of structure', () => {
  it('DARUMA_DUPLICATE_ID', () => {
    expect(faultsOf(appOf(feed, service('feed', idle), feed))).toMatchInlineSnapshot(`
      "  - app/feed: 3 children of app have this name. [DARUMA_DUPLICATE_ID]
          Names are unique below one supervisor; rename one, or use a dynamic supervisor."
    `);
  });

  it('allows the same name under two supervisors', () => {
    expect(() =>
      compileTree(appOf(supervisor('s', [feed]), supervisor('t', [feed]), feed)),
    ).not.toThrow();
  });

  it.each([[''], ['a/b'], ['$h1'], ['*'], ['..'], ['two words'], ['tab\t'], [undefined], [3]])(
    'DARUMA_INVALID_NAME: %j',
    (name) => {
      expect(faultsOf(appOf(service(wrongly(name), idle)))).toMatchSnapshot();
    },
  );

  it.each([['_'], ['a-b'], ['a.b'], ['ÄÖ'], ['a__b'], ['x'.repeat(200)], ['7']])(
    'takes %s for a name',
    (name) => {
      expect(() => compileTree(appOf(service(name, idle)))).not.toThrow();
    },
  );

  it('DARUMA_NOT_A_DEFINITION, for the root', () => {
    expect(faultsOf(feed)).toMatchInlineSnapshot(`
      "  - feed: the root is a service; it must be a supervisor. [DARUMA_NOT_A_DEFINITION]
          supervisor('app', [feed])"
    `);
    expect(faultsOf(undefined)).toMatchInlineSnapshot(`
      "  - (root): the root is undefined; it must be a supervisor. [DARUMA_NOT_A_DEFINITION]
          supervisor('app', [first, second]), as the default export of the file."
    `);
    expect(faultsOf({ default: appOf(feed) })).toMatchInlineSnapshot(`
      "  - (root): the root is an object; it must be a supervisor. [DARUMA_NOT_A_DEFINITION]
          It is a module: use its default export."
    `);
  });

  it.each([
    ['undefined', undefined],
    ['false', false],
    ['a list', [feed]],
    ['a promise', Promise.resolve(feed)],
    ['a function', idle],
    ['a machine', createMachine({})],
    ['a module', { default: feed }],
    ['an object', { name: 'feed' }],
  ])('DARUMA_NOT_A_DEFINITION, for a child that is %s', (_name, child) => {
    expect(faultsOf(appOf(feed, wrongly(child)))).toMatchSnapshot();
  });

  it('DARUMA_NOT_A_DEFINITION, for children that are no list', () => {
    expect(faultsOf(supervisor('app', {}, wrongly(undefined)))).toMatchInlineSnapshot(`
      "  - app: its children are undefined; they must be a list. [DARUMA_NOT_A_DEFINITION]
          supervisor('name', { ... }, [a, b]); an empty list is fine."
    `);
  });

  it('DARUMA_INVALID_TEMPLATE', () => {
    const dynamic = { strategy: 'dynamic', template: feed };

    expect(faultsOf(supervisor('app', wrongly({ strategy: 'dynamic' })))).toMatchInlineSnapshot(`
      "  - app: it is dynamic, but has no template. [DARUMA_INVALID_TEMPLATE]
          supervisor('pool', { strategy: 'dynamic', template: worker })"
    `);
    expect(faultsOf(supervisor('app', wrongly(dynamic), [feed]))).toMatchInlineSnapshot(`
      "  - app: it is dynamic, but has a list of children. [DARUMA_INVALID_TEMPLATE]
          Its children are copies of the template, started by calls: supervisor('pool', { strategy: 'dynamic', template: worker })"
    `);
    expect(faultsOfSupervisor({ template: feed })).toMatchInlineSnapshot(`
      "  - app/edge: it has a template, but is not dynamic. [DARUMA_INVALID_TEMPLATE]
          supervisor('pool', { strategy: 'dynamic', template: worker })"
    `);
    expect(
      faultsOf(supervisor('app', wrongly({ strategy: 'dynamic', template: idle }))),
    ).toMatchInlineSnapshot(`
      "  - app: template is the function idle; it must be a definition. [DARUMA_INVALID_TEMPLATE]
          Wrap it: service('name', fn)."
    `);
  });

  it('reports what is wrong inside a template at *', () => {
    const template = service('worker', wrongly({ restart: 'allways' }), idle);

    expect(faultsOf(supervisor('app', { strategy: 'dynamic', template }))).toMatchInlineSnapshot(
      `"  - app/*: restart is 'allways'; it must be 'permanent', 'transient' or 'temporary'. [DARUMA_INVALID_RESTART]"`,
    );
  });

  it('DARUMA_INVALID_BODY', () => {
    expect(faultsOf(appOf(service('feed', {})))).toMatchInlineSnapshot(`
      "  - app/feed: it does nothing: it has no body, no start hook and no receive. [DARUMA_INVALID_BODY]
          service('name', async (ctx) => { ... }), or { start: async (ctx) => resource }."
    `);
    expect(faultsOf(appOf(service('feed', wrongly(undefined))))).toMatchInlineSnapshot(`
      "  - app/feed: it does nothing: it has no body, no start hook and no receive. [DARUMA_INVALID_BODY]
          service('name', async (ctx) => { ... }), or { start: async (ctx) => resource }."
    `);
    expect(faultsOfService({ run: idle }, idle)).toMatchInlineSnapshot(`
      "  - app/feed: it has two bodies: options.run and the last argument. [DARUMA_INVALID_BODY]
          They are the same thing: keep one."
    `);
    expect(faultsOfService({}, Promise.resolve())).toMatchInlineSnapshot(`
      "  - app/feed: its body is a promise; it must be a function or XState logic. [DARUMA_INVALID_BODY]
          Was the function called? Give the function itself."
    `);
    expect(faultsOfService({ start: 'now' })).toMatchInlineSnapshot(
      `"  - app/feed: start is 'now'; it must be a function. [DARUMA_INVALID_BODY]"`,
    );
    expect(faultsOfService({ start: idle, stop: idle }, createMachine({}))).toMatchInlineSnapshot(`
      "  - app/feed: start is the function idle; a body of XState logic has no hooks. [DARUMA_INVALID_BODY]
          A stop sends { type: 'daruma.stop' } to the machine: let it end in a final state.
        - app/feed: stop is the function idle; a body of XState logic has no hooks. [DARUMA_INVALID_BODY]
          A stop sends { type: 'daruma.stop' } to the machine: let it end in a final state."
    `);
  });

  it('DARUMA_INVALID_OPTION, for what does not go with the body', () => {
    expect(faultsOfService({ start: idle, ready: 'manual' })).toMatchInlineSnapshot(`
      "  - app/feed: ready is 'manual'; with a start hook it is ready when that resolves. [DARUMA_INVALID_OPTION]
          Remove ready, or call ctx.ready(value) in a body and remove start."
    `);
    expect(
      faultsOfService({ ready: 'manual', input: 1 }, createMachine({})),
    ).toMatchInlineSnapshot(`
      "  - app/feed: input is 1; for XState logic it must be an object. [DARUMA_INVALID_OPTION]
        - app/feed: ready is 'manual'; for XState logic it must be a predicate on its snapshot. [DARUMA_INVALID_OPTION]
          ready: (snapshot) => snapshot.matches('open')"
    `);
  });

  it('reports all faults of a tree at once, each at its place', () => {
    const tree = supervisor('app', wrongly({ stategy: 'one-for-one', intensity: -1 }), [
      service('db', wrongly({ restart: 'prmanent', startWithin: '5 s' }), idle),
      service('web', { needs: { ghost: 'app/ghost' }, stopWithin: -1 }, idle),
      wrongly(undefined),
      supervisor('edge', wrongly({ autoShutdown: 'sometimes' }), [feed, service('feed', {})]),
    ]);
    const error = errorOf(() => compileTree(tree));

    expect(error.code).toBe('DARUMA_UNKNOWN_OPTION');
    expect(error.faults.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'app DARUMA_UNKNOWN_OPTION',
      'app DARUMA_INVALID_INTENSITY',
      'app/db DARUMA_INVALID_RESTART',
      'app/db DARUMA_INVALID_DURATION',
      'app/web DARUMA_UNKNOWN_NEED',
      'app/web DARUMA_INVALID_STOP_WITHIN',
      'app DARUMA_NOT_A_DEFINITION',
      'app/edge DARUMA_INVALID_AUTO_SHUTDOWN',
      'app/edge/feed DARUMA_INVALID_BODY',
      'app/edge/feed DARUMA_DUPLICATE_ID',
    ]);
    expect(textOf(error)).toMatchSnapshot();
  });
});
