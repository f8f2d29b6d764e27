import { describe, expect, it } from 'vitest';
import { applyOverrides } from '../../src/define/apply-overrides.ts';
import { compileTree } from '../../src/define/compile.ts';
import { compileItem, type Place } from '../../src/define/compile-item.ts';
import { Survey } from '../../src/define/directory.ts';
import { service } from '../../src/define/service.ts';
import type { ItemSpec, ServiceSpec, SupervisorSpec } from '../../src/define/spec.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { appOf, errorOf, idle, textOf, wrongly } from './faults-of.ts';

const database = service('database', idle);
const worker = service('worker', { restart: 'transient', input: { shard: 0 } }, idle);
const pool = supervisor('pool', { strategy: 'dynamic', template: worker });
const live = appOf(database, pool);

function placeBelow(parentPath: string, more: Partial<Place> = {}): Place {
  const directory = new Survey();
  directory.note(live, 'app');
  return { parentPath, autoShutdown: 'never', directory, ...more };
}

const faultsOf = (definition: unknown, place = placeBelow('app')) =>
  textOf(errorOf(() => compileItem(definition, place)));

describe('compileItem', () => {
  it('makes a spec as compileTree does, with needs in the live tree', () => {
    const web = service('web', { needs: { database, pool: 'app/pool' } }, idle);
    const { spec, places } = compileItem(web, placeBelow('app'));

    expect(spec).toMatchObject({
      name: 'web',
      restart: 'permanent',
      needs: [
        { key: 'database', path: 'app/database', optional: false },
        { key: 'pool', path: 'app/pool', optional: false },
      ],
    });
    expect([...places]).toEqual([[web, ['app/web']]]);
  });

  it('has the id and the restart type of its place', () => {
    const place = placeBelow('app/database', { id: 'job-1', restart: 'transient' });

    expect(compileItem(service('job', idle), place).spec).toMatchObject({
      name: 'job-1',
      restart: 'transient',
    });
    expect(compileItem(service('job', { restart: 'temporary' }, idle), place).spec).toMatchObject({
      restart: 'temporary',
    });
  });

  it('finds needs inside what is added', () => {
    const line = service('line', idle);
    const session = supervisor('session', [line, service('writer', { needs: { line } }, idle)]);
    const { spec } = compileItem(session, placeBelow('app/database'));

    expect((spec as SupervisorSpec).children[1]).toMatchObject({
      needs: [{ path: 'app/database/session/line' }],
    });
  });

  it('reports the same faults', () => {
    const bad = service('x', wrongly({ stopWithin: -10, restart: 'prmanent' }), idle);
    const stranger = service('s', { needs: { late: () => late } }, idle);
    const late = service('late', idle);

    expect(faultsOf(bad)).toMatchInlineSnapshot(`
      "  - app/x: restart is 'prmanent'; it must be 'permanent', 'transient' or 'temporary'. [DARUMA_INVALID_RESTART]
          Did you mean 'permanent'?
        - app/x: stopWithin is -10; it must not be negative. [DARUMA_INVALID_STOP_WITHIN]
          Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'. Or 'brutal' or 'infinity'."
    `);
    expect(faultsOf(stranger)).toMatchInlineSnapshot(`
      "  - app/s: needs.late, the service 'late', is not in the tree. [DARUMA_UNKNOWN_NEED]
          Add it to the children of a supervisor, or write optional(late) to go without."
    `);
    expect(faultsOf(undefined)).toMatchInlineSnapshot(
      `"  - app: what is to be started is undefined, not a definition. [DARUMA_NOT_A_DEFINITION]"`,
    );
    expect(
      faultsOf(service('x', { significant: true, restart: 'transient' }, idle)),
    ).toMatchInlineSnapshot(`
      "  - app/x: it is significant, but its supervisor has autoShutdown: 'never'. [DARUMA_INVALID_SIGNIFICANT]
          Give the supervisor autoShutdown: 'any-significant' or 'all-significant'."
    `);
    expect(faultsOf(database, placeBelow('app', { id: 'a/b' }))).toMatchInlineSnapshot(
      `"  - app/a/b: its id 'a/b' contains a /. [DARUMA_INVALID_NAME]"`,
    );
  });

  it('reports needs on ancestors, on children that come and go, and in the wrong order', () => {
    const needing = (need: string) => service('x', { needs: { need } }, idle);
    const wrongOrder = supervisor('s', [
      service('a', { needs: { b: 'app/s/b' } }, idle),
      service('b', idle),
    ]);

    expect(faultsOf(needing('app'))).toMatchInlineSnapshot(`
      "  - app/x: needs.need is app, the supervisor that it belongs to: it would wait for itself. [DARUMA_INVALID_NEED]
          Need the sibling that it is really about."
    `);
    expect(faultsOf(needing('app/pool/7'))).toMatchInlineSnapshot(`
      "  - app/x: needs.need is app/pool/7, a child that comes and goes. [DARUMA_INVALID_NEED]
          Dynamic and spawned children may have needs, not be one. Need their supervisor instead."
    `);
    expect(faultsOf(needing('app/database/job'))).toMatchInlineSnapshot(`
      "  - app/x: needs.need is 'app/database/job', which is not in the tree. [DARUMA_UNKNOWN_NEED]
          Did you mean 'app/database'?"
    `);
    expect(faultsOf(wrongOrder)).toMatchInlineSnapshot(`
      "  - app/s/a: it waits for app/s/b, which starts after it: app/s starts a before b. app/s/a -> app/s/b -> app/s/a [DARUMA_NEEDS_CYCLE]
          Move b before a, or give app/s start: 'parallel'."
    `);
  });
});

describe('applyOverrides', () => {
  const templateOf = (root: Parameters<typeof compileTree>[0]) =>
    (compileTree(root).root.children.at(-1) as SupervisorSpec).template as ItemSpec;
  const template = templateOf(live);
  const place = { ...placeBelow('app/pool'), id: 'fresh' };
  const overridesFault = (overrides: unknown) =>
    textOf(errorOf(() => applyOverrides(template, overrides, place)));

  it('is the template under the given id, where nothing is different', () => {
    expect(applyOverrides(template, undefined, place)).toEqual({ ...template, name: 'fresh' });
    expect(applyOverrides(template, { id: 'mine' }, place)).toEqual({ ...template, name: 'mine' });
  });

  it('changes what is given and keeps the rest', () => {
    const stop = () => {};
    const spec = applyOverrides(
      template,
      { input: { shard: 7 }, stopWithin: 'brutal', backoff: { first: 1 }, stop },
      place,
    );

    expect(spec).toMatchObject({
      restart: 'transient',
      input: { shard: 7 },
      stopWithinMs: 'brutal',
      backoff: { firstMs: 1, maxMs: 30_000 },
      body: { run: idle, stop },
    });
  });

  it('gives needs and changes them', () => {
    const spec = applyOverrides(template, { needs: { database } }, place) as ServiceSpec;

    expect(spec.needs).toEqual([{ key: 'database', path: 'app/database', optional: false }]);
  });

  it('points needs inside a copy to that copy', () => {
    const line = service('line', idle);
    const inner = supervisor('inner', {
      strategy: 'dynamic',
      template: service('job', { needs: { line } }, idle),
    });
    const session = supervisor('session', [
      line,
      service('writer', { needs: { line, db: database } }, idle),
      inner,
    ]);
    const sessions = supervisor('pool', { strategy: 'dynamic', template: session });
    const copy = applyOverrides(
      templateOf(appOf(database, sessions)),
      { restart: 'temporary' },
      place,
    );

    const [, writer, pool] = (copy as SupervisorSpec).children;
    expect(copy).toMatchObject({ name: 'fresh', restart: 'temporary' });
    expect(writer).toMatchObject({
      needs: [{ path: 'app/pool/fresh/line' }, { path: 'app/database' }],
    });
    expect((pool as SupervisorSpec).template).toMatchObject({
      needs: [{ path: 'app/pool/fresh/line' }],
    });
  });

  it('reports every fault at the path of the child', () => {
    expect(overridesFault({ id: 'a/b', restart: 'prmanent', shard: 7 })).toMatchInlineSnapshot(`
      "  - app/pool/a/b: its id 'a/b' contains a /. [DARUMA_INVALID_NAME]
        - app/pool/a/b: there is no option shard. [DARUMA_UNKNOWN_OPTION]
          Options: restart, significant, backoff, config, stopWithin, start, run, stop, drain, ready, input, startWithin, firstStart, decide, needs, onLoss, watchdog, receive, mailbox, whileDown, health.
        - app/pool/a/b: restart is 'prmanent'; it must be 'permanent', 'transient' or 'temporary'. [DARUMA_INVALID_RESTART]
          Did you mean 'permanent'?"
    `);
    expect(overridesFault('worker-1')).toMatchInlineSnapshot(`
      "  - app/pool: the overrides are 'worker-1'; they must be an object. [DARUMA_INVALID_OPTION]
          { id, input, ...options }"
    `);
  });

  it('does not change what children a copy has', () => {
    const template = templateOf(
      appOf(supervisor('pool', { strategy: 'dynamic', template: supervisor('s', [database]) })),
    );
    const overrides = { strategy: 'dynamic', template: worker };

    expect(
      textOf(errorOf(() => applyOverrides(template, overrides, place))),
    ).toMatchInlineSnapshot(`
      "  - app/pool/fresh: strategy is 'dynamic'; a copy has the children of its template. [DARUMA_INVALID_OPTION]
        - app/pool/fresh: template is the service 'worker'; a copy has the children of its template. [DARUMA_INVALID_OPTION]"
    `);
    expect(applyOverrides(template, { strategy: 'one-for-all' }, place)).toMatchObject({
      strategy: 'one-for-all',
    });
  });
});
