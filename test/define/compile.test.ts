import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { compileTree } from '../../src/define/compile.ts';
import type { AnyDefinition } from '../../src/define/definition.ts';
import { optional } from '../../src/define/needs.ts';
import { service } from '../../src/define/service.ts';
import type { ServiceSpec, SupervisorSpec } from '../../src/define/spec.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { appOf, idle, wrongly } from './faults-of.ts';

const firstOf = (...children: AnyDefinition[]) =>
  compileTree(appOf(...children)).root.children[0] as ServiceSpec;

describe('compileTree', () => {
  it('fills in every default of a service', () => {
    expect(firstOf(service('feed', idle))).toEqual({
      kind: 'service',
      name: 'feed',
      restart: 'permanent',
      significant: false,
      startWithinMs: 10_000,
      stopWithinMs: 5_000,
      firstStart: 'fail',
      backoff: { firstMs: 100, maxMs: 30_000, factor: 2, jitter: 'full', resetAfterMs: 60_000 },
      decide: undefined,
      needs: [],
      onLoss: 'suspend',
      watchdogMs: Number.POSITIVE_INFINITY,
      config: undefined,
      receive: undefined,
      mailbox: 1_000,
      whileDown: 'reject',
      health: [],
      body: {
        kind: 'hooks',
        start: undefined,
        run: idle,
        stop: undefined,
        drain: undefined,
        ready: 'immediate',
      },
      input: undefined,
    });
  });

  it('fills in every default of a supervisor', () => {
    expect(compileTree(supervisor('app', [])).root).toEqual({
      kind: 'supervisor',
      name: 'app',
      restart: 'permanent',
      significant: false,
      strategy: 'one-for-one',
      order: 'sequential',
      intensity: undefined,
      periodMs: 60_000,
      whenExhausted: 'escalate',
      autoShutdown: 'never',
      stopWithinMs: Number.POSITIVE_INFINITY,
      backoff: { firstMs: 100, maxMs: 30_000, factor: 2, jitter: 'full', resetAfterMs: 60_000 },
      config: undefined,
      children: [],
      template: undefined,
      maxChildren: Number.POSITIVE_INFINITY,
    });
  });

  it('reads every option of a service', () => {
    const decide = () => 'stop' as const;
    const config = v.object({});
    const receive = { ping: idle };
    const spec = firstOf(
      service(
        'feed',
        {
          restart: 'transient',
          startWithin: '1m',
          stopWithin: '1.5s',
          firstStart: 'retry',
          backoff: { first: 0, max: '1h', factor: 3, jitter: 'equal', resetAfter: '1d' },
          decide,
          onLoss: 'keep',
          watchdog: '30s',
          config,
          receive,
          mailbox: 1,
          whileDown: 'buffer',
          input: { shard: 1 },
          stop: idle,
          drain: idle,
        },
        idle,
      ),
    );

    expect(spec).toMatchObject({
      restart: 'transient',
      startWithinMs: 60_000,
      stopWithinMs: 1_500,
      firstStart: 'retry',
      backoff: {
        firstMs: 0,
        maxMs: 3_600_000,
        factor: 3,
        jitter: 'equal',
        resetAfterMs: 86_400_000,
      },
      decide,
      onLoss: 'keep',
      watchdogMs: 30_000,
      config,
      receive,
      mailbox: 1,
      whileDown: 'buffer',
      input: { shard: 1 },
      body: { run: idle, stop: idle, drain: idle },
    });
  });

  it('reads every option of a supervisor', () => {
    const edge = supervisor(
      'edge',
      {
        restart: 'temporary',
        significant: true,
        strategy: 'rest-for-one',
        start: 'parallel',
        intensity: 0,
        period: 1,
        whenExhausted: 'give-up',
        autoShutdown: 'all-significant',
        stopWithin: '3s',
      },
      [],
    );
    const { root } = compileTree(supervisor('app', { autoShutdown: 'any-significant' }, [edge]));

    expect(root.children[0]).toMatchObject({
      restart: 'temporary',
      significant: true,
      strategy: 'rest-for-one',
      order: 'parallel',
      intensity: 0,
      periodMs: 1,
      whenExhausted: 'give-up',
      autoShutdown: 'all-significant',
      stopWithinMs: 3_000,
    });
  });

  it.each([
    ['brutal', 'brutal'],
    ['infinity', Number.POSITIVE_INFINITY],
    [0, 0],
    ['250ms', 250],
  ] as const)('reads stopWithin %s as %s', (stopWithin, ms) => {
    expect(firstOf(service('feed', { stopWithin }, idle)).stopWithinMs).toBe(ms);
  });

  it('takes an option that is undefined as not given', () => {
    const options = { restart: undefined, watchdog: undefined, nonsense: undefined };

    expect(firstOf(service('feed', wrongly(options), idle)).restart).toBe('permanent');
  });

  it('takes run for the body, and a service that only receives', () => {
    expect(firstOf(service('a', { run: idle })).body).toMatchObject({ run: idle });
    expect(firstOf(service('a', { receive: { ping: idle } })).body).toMatchObject({
      run: undefined,
    });
  });

  it('takes XState logic with its input and its predicate', () => {
    const logic = createMachine({});
    const ready = () => true;

    expect(firstOf(service('door', logic)).body).toEqual({
      kind: 'logic',
      logic,
      input: {},
      ready: undefined,
    });
    expect(firstOf(service('door', { ready, input: { key: 1 }, run: logic })).body).toEqual({
      kind: 'logic',
      logic,
      input: { key: 1 },
      ready,
    });
  });

  it('finds needs by definition, thunk and path', () => {
    const database = service('database', idle);
    const later = service('later', idle);
    const web = service(
      'web',
      { needs: { database, late: () => later, path: 'app/database', maybe: optional(later) } },
      idle,
    );
    const { root } = compileTree(supervisor('app', { start: 'parallel' }, [web, database, later]));

    expect((root.children[0] as ServiceSpec).needs).toEqual([
      { key: 'database', path: 'app/database', optional: false },
      { key: 'late', path: 'app/later', optional: false },
      { key: 'path', path: 'app/database', optional: false },
      { key: 'maybe', path: 'app/later', optional: true },
    ]);
  });

  it('drops an optional need that is not in the tree, with a warning for a path', () => {
    const stranger = service('stranger', idle);
    const needs = { stranger: optional(stranger), typo: optional('app/wbe') };
    const { root, warnings } = compileTree(appOf(service('web', { needs }, idle)));

    expect((root.children[0] as ServiceSpec).needs).toEqual([]);
    expect(warnings).toEqual([
      expect.objectContaining({
        path: 'app/web',
        message: "needs.typo is 'app/wbe', which is not in the tree.",
        hint: "Did you mean 'app/web'?",
      }),
    ]);
  });

  it('puts copies of a template at *, with needs inside the copy', () => {
    const line = service('line', idle);
    const session = supervisor('session', [line, service('writer', { needs: { line } }, idle)]);
    const pool = supervisor('pool', { strategy: 'dynamic', template: session, maxChildren: 3 });
    const { root, places } = compileTree(appOf(pool));

    const { template, maxChildren } = root.children[0] as SupervisorSpec;
    expect(maxChildren).toBe(3);
    expect(template?.name).toBe('*');
    expect((template as SupervisorSpec).children[1]).toMatchObject({
      needs: [{ key: 'line', path: 'app/pool/*/line' }],
    });
    expect(places.get(line)).toEqual(['app/pool/*/line']);
  });

  it('says where each definition is', () => {
    const x = service('x', idle);
    const root = appOf(supervisor('s', [x]), supervisor('t', [x]), x);

    expect(compileTree(root).places.get(x)).toEqual(['app/s/x', 'app/t/x', 'app/x']);
  });

  it('makes specs that cannot be changed', () => {
    const { root } = compileTree(appOf(service('feed', idle)));
    const feed = root.children[0] as ServiceSpec;

    expect([root, root.children, feed, feed.backoff, feed.body].every(Object.isFrozen)).toBe(true);
  });
});
