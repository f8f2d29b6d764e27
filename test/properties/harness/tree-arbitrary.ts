import fc from 'fast-check';
import type { BackoffPlan, BodyPlan, EndScript, GroupPlan, ServicePlan } from './plan.ts';

/** What a need points at is settled once the tree is known. */
export interface RawNeed {
  readonly nth: number;
  readonly optional?: boolean;
}
export type RawService = Omit<ServicePlan, 'id' | 'kind' | 'needs'> & {
  readonly kind: 'service';
  readonly needs?: readonly RawNeed[];
};
export type RawGroup = Omit<GroupPlan, 'id' | 'items'> & {
  /** Its items stand the other way round; only where a parallel start allows it. */
  readonly reversed?: boolean;
  readonly items: readonly RawItem[];
};
export type RawItem = RawService | RawGroup;

/** Small and few, so that they coincide; with one that is longer than everything else. */
export const times = fc.constantFrom(10, 0, 1, 5, 20, 50, 100, 101, 500, 1_000, 5_000);

/** Present in `percent` of all cases; shrinks to being left out. */
function seldom<Value>(
  percent: number,
  value: fc.Arbitrary<Value>,
): fc.Arbitrary<Value | undefined> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 100 - percent, arbitrary: fc.constant(undefined) },
    { weight: percent, arbitrary: value },
  );
}

const endScripts: fc.Arbitrary<EndScript> = fc.oneof(
  { withCrossShrink: true },
  { weight: 4, arbitrary: fc.constant('ok' as const) },
  { weight: 4, arbitrary: times.map((takes) => ({ takes })) },
  { weight: 1, arbitrary: fc.constant('throws' as const) },
  { weight: 1, arbitrary: fc.constant('never' as const) },
);

const startScripts = fc.oneof(
  { withCrossShrink: true },
  { weight: 8, arbitrary: fc.constant('ok' as const) },
  { weight: 2, arbitrary: times.map((okAfter) => ({ okAfter })) },
  { weight: 2, arbitrary: fc.constantFrom('fail' as const, 'throw' as const, 'text' as const) },
  { weight: 1, arbitrary: times.map((failAfter) => ({ failAfter })) },
  { weight: 1, arbitrary: fc.constantFrom('ignore' as const, 'ends' as const, 'hang' as const) },
  { weight: 1, arbitrary: times.map((deafOkAfter) => ({ deafOkAfter })) },
);

const exitReasons = fc.constantFrom(
  'error' as const,
  'normal' as const,
  'abort' as const,
  'text' as const,
);

const bodies = {
  form: fc.constantFrom<BodyPlan['form'][]>(
    'manual',
    'manual',
    'function',
    'hooks',
    'hooks',
    'resident',
    'machine',
    'promise',
    'callback',
  ),
  // The first attempt mostly succeeds: a boot that fails is soon over.
  starts: seldom(
    35,
    fc
      .tuple(
        fc.oneof({ weight: 5, arbitrary: fc.constant('ok' as const) }, startScripts),
        fc.array(startScripts, { maxLength: 3 }),
      )
      .map(([first, others]) => [first, ...others]),
  ),
  lives: seldom(
    40,
    fc.array(fc.record({ after: times, reason: exitReasons }), { minLength: 1, maxLength: 3 }),
  ),
  whenCancelled: seldom(35, endScripts),
  cleanup: seldom(40, endScripts),
  stopHook: seldom(15, endScripts),
  drainHook: seldom(8, endScripts),
  strayAfter: seldom(15, times),
  waits: seldom(15, fc.constant('sleep' as const)),
  receives: seldom(10, endScripts),
  whileDown: seldom(20, fc.constantFrom('reject' as const, 'buffer' as const, 'drop' as const)),
};

const spawned: fc.Arbitrary<BodyPlan> = dense(
  fc.record({
    form: fc.constantFrom<BodyPlan['form'][]>('manual', 'hooks', 'machine'),
    starts: seldom(30, fc.array(startScripts, { minLength: 1, maxLength: 2 })),
    lives: seldom(30, fc.array(fc.record({ after: times, reason: exitReasons }), { minLength: 1 })),
    whenCancelled: bodies.whenCancelled,
    cleanup: bodies.cleanup,
  }),
);

const backoffs: fc.Arbitrary<BackoffPlan> = fc
  .record({
    first: fc.constantFrom(10, 0, 1, 50, 100),
    max: fc.constantFrom(10, 0, 15, 100, 1_000),
    factor: fc.constantFrom(2, 1, 1.5, 10),
    jitter: fc.constantFrom('none' as const, 'full' as const, 'equal' as const),
    resetAfter: fc.constantFrom(60_000, 0, 1, 10, 100, 1_000),
  })
  .map((backoff) => ({ ...backoff, max: Math.max(backoff.first, backoff.max) }));

const common = {
  restart: seldom(
    35,
    fc.constantFrom('permanent' as const, 'transient' as const, 'temporary' as const),
  ),
  significant: seldom(30, fc.constant(true)),
  backoff: seldom(80, backoffs),
};

export const services: fc.Arbitrary<RawService> = dense(
  fc.record({
    kind: fc.constant('service' as const),
    ...bodies,
    ...common,
    beats: seldom(50, fc.constant(false)),
    watchdog: seldom(8, fc.constantFrom(10, 50, 1_000)),
    spawns: seldom(8, spawned),
    startWithin: seldom(40, fc.constantFrom(10, 0, 50, 1_000)),
    stopWithin: seldom(
      60,
      fc.oneof(times, fc.constantFrom('brutal' as const, 'infinity' as const)),
    ),
    firstStart: seldom(15, fc.constant('retry' as const)),
    decide: seldom(
      20,
      fc.constantFrom<NonNullable<ServicePlan['decide']>[]>(
        'restart',
        'stop',
        'escalate',
        'throws',
        'nonsense',
      ),
    ),
    needs: seldom(
      30,
      fc.array(fc.record({ nth: fc.nat(30), optional: seldom(20, fc.constant(true)) }), {
        minLength: 1,
        maxLength: 2,
      }),
    ),
    onLoss: seldom(25, fc.constantFrom('suspend' as const, 'restart' as const, 'keep' as const)),
  }),
) as fc.Arbitrary<RawService>;

function groups(levels: number, isRoot: boolean): fc.Arbitrary<RawGroup> {
  const item: fc.Arbitrary<RawItem> =
    levels > 1
      ? fc.oneof(
          { withCrossShrink: true },
          { weight: 3, arbitrary: services },
          { weight: 2, arbitrary: groups(levels - 1, false) },
        )
      : services;
  return dense(
    fc.record({
      kind: fc.constant('group' as const),
      strategy: seldom(
        70,
        fc.constantFrom<NonNullable<GroupPlan['strategy']>[]>(
          'one-for-one',
          'one-for-all',
          'rest-for-one',
          ...(isRoot ? [] : ['dynamic' as const]),
        ),
      ),
      start: seldom(40, fc.constant('parallel' as const)),
      reversed: seldom(50, fc.constant(true)),
      intensity: fc.constantFrom(3, 0, 1, 2, 5),
      period: seldom(60, fc.constantFrom(1_000, 1, 10, 100, 5_000)),
      whenExhausted: seldom(40, fc.constant('give-up' as const)),
      autoShutdown: seldom(
        25,
        fc.constantFrom('any-significant' as const, 'all-significant' as const),
      ),
      stopWithin: seldom(isRoot ? 15 : 40, times),
      maxChildren: seldom(20, fc.constantFrom(1, 2)),
      ...common,
      items: fc.array(item, { minLength: 1, maxLength: isRoot ? 4 : 3 }),
    }),
  ) as fc.Arbitrary<RawGroup>;
}

export const rawTrees: fc.Arbitrary<RawGroup> = fc.oneof(
  { weight: 2, arbitrary: groups(1, true) },
  { weight: 4, arbitrary: groups(2, true) },
  { weight: 3, arbitrary: groups(3, true) },
);

/** Without the keys whose value is undefined: shorter to read, and legal as an exact option. */
export function dense<Value extends object>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<never> {
  return arbitrary.map(
    (value) =>
      Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never,
  );
}
