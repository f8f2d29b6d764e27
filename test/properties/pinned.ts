import type { GroupPlan, ItemPlan, Plan, ServicePlan } from './harness/plan.ts';

/** Counterexamples that properties found, shrunk; each with what was wrong. */

const base = { seed: 1, reactions: [], steps: [] } as const;

function app(items: ItemPlan[], more: Partial<Plan> = {}, root: Partial<GroupPlan> = {}): Plan {
  return { ...base, root: { kind: 'group', id: 'app', items, ...root }, ...more };
}

function service(id: string, plan: Partial<ServicePlan> = {}): ServicePlan {
  return { kind: 'service', id, form: 'manual', ...plan };
}

function group(id: string, items: ItemPlan[], plan: Partial<GroupPlan> = {}): GroupPlan {
  return { kind: 'group', id, items, ...plan };
}

const signal = { do: 'act', act: { fn: 'signal' } } as const;
const failing = [{ after: 10, reason: 'error' }] as const;

export const pinned: readonly Plan[] = [
  // What is left of a body spawned while its cleanup ran; nobody ever stopped that child.
  app([service('s1', { cleanup: { takes: 50 }, strayAfter: 10, lives: failing })], {
    steps: [{ do: 'advance', ms: 20 }],
  }),
  // Spawned children outlived an abandoned parent, and reached into its successor.
  app([
    group(
      'g1',
      [
        service('s1', {
          whenCancelled: 'never',
          stopWithin: 10,
          spawns: { form: 'manual', whenCancelled: { takes: 10 } },
        }),
      ],
      {
        restart: 'temporary',
      },
    ),
  ]),
  app(
    [
      service('s1', {
        beats: false,
        watchdog: 10,
        whenCancelled: 'never',
        stopWithin: 10,
        backoff: { first: 0, max: 0 },
        spawns: { form: 'manual', cleanup: 'never' },
      }),
    ],
    { steps: [{ do: 'advance', ms: 25 }] },
  ),
  // Started and stopped in one go, it started things below what was stopping.
  app([service('s1')], { entry: 'stop' }),
  // Two cleanups at a time after an abandonment.
  app([service('s1', { stopWithin: 'brutal', cleanup: { takes: 10 } })]),
  // A stop from a listener of `ready` was lost.
  app([service('s1', { form: 'resident' })], {
    reactions: [{ on: 'ready', nth: 0, act: { fn: 'restart', path: 'app/s1' } }],
  }),
  // A call from a listener of `stop-requested` was still accepted.
  app([service('s1')], {
    reactions: [
      { on: 'stop-requested', nth: 0, act: { fn: 'stopChild', path: 'app', child: 's1' } },
    ],
  }),
  // The series of delays went on after a stable incarnation that ended with its group.
  app(
    [
      service('s1', {
        lives: [
          { after: 50, reason: 'error' },
          { after: 1_000, reason: 'error' },
        ],
      }),
      service('s2', {
        backoff: { first: 10, max: 100, jitter: 'none', resetAfter: 20 },
        lives: [
          { after: 5, reason: 'error' },
          { after: 1_000, reason: 'normal' },
          { after: 5, reason: 'error' },
        ],
      }),
    ],
    { steps: [{ do: 'advance', ms: 1_000 }] },
    { strategy: 'rest-for-one', intensity: 10 },
  ),
  // A spawned child had more time to stop than its parent.
  app(
    [
      service('s1', {
        stopWithin: 10,
        lives: failing,
        spawns: { form: 'manual', whenCancelled: 'never' },
      }),
    ],
    { steps: [{ do: 'advance', ms: 100 }] },
  ),
  // After a forced stop the next one was stopped, and a backoff fired.
  app([service('s1', { stopHook: 'ok' }), service('s2', { whenCancelled: 'never' })], {
    entry: 'run',
    steps: [signal, signal],
  }),
  app([service('s1', { drainHook: { takes: 10 } })], {
    entry: 'run',
    steps: [signal, { do: 'exit', paths: ['app/s1'], reason: 'error' }, signal],
  }),
  // A suspension that waited for a dependant overtook the order of the shutdown.
  app(
    [
      group(
        'g1',
        [
          service('s1', { lives: failing }),
          group('g2', [
            service('s2', { needs: [{ path: 'app/g1/s1' }] }),
            service('s3'),
            service('s4', { cleanup: { takes: 10 }, needs: [{ path: 'app/g1/g2/s2' }] }),
          ]),
        ],
        { intensity: 0 },
      ),
    ],
    { steps: [{ do: 'advance', ms: 100 }] },
  ),
  // A limit that did not know of the deadline above.
  app(
    [
      group('g1', [
        group(
          'g2',
          [service('s1'), service('s2'), service('s3', { whenCancelled: { takes: 10 } })],
          {
            intensity: 0,
          },
        ),
      ]),
      service('s4', { cleanup: { takes: 10 } }),
    ],
    { steps: [{ do: 'exit', paths: ['app/g1/g2/s2'], reason: 'error' }] },
    { stopWithin: 10 },
  ),
  // An incarnation that was not needed was never revoked.
  app([service('s1', { starts: ['ignore'], strayAfter: 10 })], {
    steps: [{ do: 'advance', ms: 20 }],
  }),
  // Its cleanup was overtaken by the start limit, and its end was never noticed.
  app(
    [
      service('s1', {
        starts: ['ignore'],
        cleanup: { takes: 10 },
        startWithin: 5,
        firstStart: 'retry',
      }),
    ],
    { steps: [{ do: 'advance', ms: 6_000 }] },
  ),
  // A member that became ready while its group went down escaped from it.
  app(
    [
      service('s1', {
        backoff: { first: 1, max: 1, jitter: 'none' },
        lives: [
          { after: 10, reason: 'error' },
          { after: 1, reason: 'error' },
          { after: 1_000, reason: 'normal' },
        ],
      }),
      service('s2', { starts: ['ok', { okAfter: 5 }] }),
      service('s3', { whenCancelled: { takes: 10 } }),
    ],
    { steps: [{ do: 'advance', ms: 100 }] },
    { strategy: 'one-for-all', start: 'parallel' },
  ),
  // Events from outside the dispatcher came after what their listeners caused.
  app(
    [
      service('s1', { form: 'callback' }),
      service('s2', { lives: [{ after: 10, reason: 'normal' }] }),
    ],
    {
      reactions: [{ on: 'hint', nth: 0, act: { fn: 'restart', path: 'app/s1' } }],
      steps: [{ do: 'advance', ms: 100 }],
    },
  ),
  // Who waited for something to be ready was not told of a forced stop.
  app([service('s1', { cleanup: 'never' })], {
    entry: 'run',
    steps: [signal, { do: 'act', act: { fn: 'whenReady', path: 'app/s1' } }, signal],
  }),
  // The series of delays went on after an incarnation of no time, where no time was asked for.
  app(
    [
      service('s1', {
        backoff: { first: 10, max: 10, jitter: 'full', resetAfter: 0 },
        lives: [{ after: 0, reason: 'error' }],
      }),
    ],
    { seed: 0, steps: [{ do: 'advance', ms: 100 }] },
    { intensity: 20 },
  ),
  // What was spawned by a service that was abandoned was gone without a word.
  app(
    [
      service('s1', {
        stopWithin: 10,
        backoff: { first: 0, max: 0 },
        lives: [{ after: 100, reason: 'error' }],
        spawns: {
          form: 'manual',
          whenCancelled: 'never',
          lives: [
            { after: 0, reason: 'error' },
            { after: 1_000, reason: 'normal' },
            { after: 0, reason: 'error' },
          ],
        },
      }),
    ],
    { steps: [{ do: 'advance', ms: 500 }] },
    { intensity: 20 },
  ),
];
