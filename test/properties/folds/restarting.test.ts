import { describe, expect, it } from 'vitest';
import { historyOf } from '../harness/history-of.ts';
import type { Plan, ServicePlan } from '../harness/plan.ts';
import { app, group, service } from '../harness/plan-of.ts';
import { backoff } from './backoff.ts';
import { intensity } from './intensity.ts';
import type { Fold } from './ledger.ts';
import { startOrder } from './start-order.ts';

const judge =
  (fold: Fold, plan: Plan) =>
  (...lines: string[]) =>
    fold(historyOf(plan, lines.join('\n')));

describe('intensity', () => {
  const check = judge(
    intensity,
    app([service('s1'), service('s2')], {}, { intensity: 2, period: 100 }),
  );
  const charge = (at: number, used: number, id = 's1') =>
    `${at} backoff app/${id}#1 {"used":${used}}`;

  it('allows as many in a period, and one more a millisecond after it', () => {
    expect(check(charge(0, 1), charge(50, 2), charge(101, 2))).toEqual([]);
  });

  it('objects to one more, at the very edge of the period too', () => {
    expect(check(charge(0, 1), charge(50, 2), charge(100, 3))).toEqual([
      'app/s1 is restart 3 of 2 at 100 ms',
    ]);
  });

  it('objects to another number than there were', () => {
    expect(check(charge(0, 1), charge(50, 1))).toEqual([
      'app/s1 is restart 2 at 50 ms, reported as 1',
    ]);
  });

  it('begins anew with the supervisor', () => {
    expect(check(charge(0, 1), charge(0, 2), 'starting app#2', charge(1, 1))).toEqual([]);
  });

  it('objects to who gives up too early, or with one too many', () => {
    const escalated = 'escalated app#1 {"culprit":"app/s1"}';

    expect(check(charge(0, 1), charge(50, 2), `100 ${escalated}`)).toEqual([]);
    expect(check(charge(0, 1), charge(50, 2), `101 ${escalated}`)).toEqual([
      'escalated app at 101 ms after 1 restarts of 2',
    ]);
    expect(check(charge(0, 1), '1 failed app/s1#1')).toHaveLength(1);
  });

  it('allows to give up at any time who is told to by decide', () => {
    const decided = judge(
      intensity,
      app([service('s1', { decide: 'escalate' })], {}, { intensity: 2 }),
    );
    const escalated = 'escalated app#1 {"culprit":"app/s1"}';

    expect(decided('. app/s1#1 decide escalate', escalated)).toEqual([]);
    expect(decided(escalated)).toHaveLength(1);
  });

  it('objects to a second charge for a group that is going down', () => {
    const grouped = (strategy: 'one-for-all' | 'rest-for-one') =>
      judge(intensity, app([service('s1'), service('s2')], {}, { intensity: 9, strategy }));

    expect(grouped('one-for-all')(charge(0, 1), charge(0, 2, 's2'))).toEqual([
      'app/s2 is charged at entry 1, while its group goes down',
    ]);
    expect(grouped('rest-for-one')(charge(0, 1, 's2'), charge(0, 2))).toEqual([]);
    expect(
      grouped('one-for-all')(charge(0, 1), 'starting app/s1#2', 'starting app/s2#2', charge(1, 2)),
    ).toEqual([]);
  });
});

describe('backoff', () => {
  const policy = { first: 10, max: 15, jitter: 'none', resetAfter: 100 } as const;
  const of = (own: ServicePlan['backoff']) =>
    judge(backoff, app([service('s1', { backoff: { ...policy, ...own } })]));
  const check = of({});
  const life = (at: number, incarnation: number) =>
    `${at} starting app/s1#${incarnation} {"attempt":${incarnation - 1}}\nready app/s1#${incarnation}`;
  const crash = (at: number, incarnation: number, delayMs: number, attempt: number) =>
    [
      `${at} . app/s1#${incarnation} ends error`,
      `ended app/s1#${incarnation} {"reason":"error"}`,
      `backoff app/s1#${incarnation} {"delayMs":${delayMs},"attempt":${attempt}}`,
    ].join('\n');
  const timer = (number: number, at: number, ms: number) =>
    `timer ${number} armed ${ms}\n${at} timer ${number} fired ${ms}`;
  const once = [life(0, 1), crash(5, 1, 10, 1), timer(1, 15, 10), life(15, 2)];

  it('allows delays that grow up to the maximum', () => {
    expect(check(...once, crash(20, 2, 15, 2), timer(2, 35, 15), life(35, 3))).toEqual([]);
  });

  it('objects to a delay outside its policy', () => {
    expect(check(life(0, 1), crash(5, 1, 9, 1))).toEqual([
      'app/s1 at entry 4: delay 9 is not within 10 and 10',
    ]);
    expect(check(life(0, 1), crash(5, 1, 16, 1))[0]).toMatch(/above the maximum of 15/);
    expect(of({ jitter: 'equal' })(life(0, 1), crash(5, 1, 4, 1))).toHaveLength(1);
    expect(of({ jitter: 'full' })(life(0, 1), crash(5, 1, 0, 1))).toEqual([]);
  });

  it('starts a series over after exactly the stable time', () => {
    expect(check(...once, crash(115, 2, 10, 1))).toEqual([]);
    expect(check(...once, crash(114, 2, 15, 2))).toEqual([]);
    expect(check(...once, crash(115, 2, 15, 2))).toEqual([
      'app/s1 at entry 11: delay 15 is number 2 of its series, not 1',
    ]);
    expect(check(...once, crash(114, 2, 10, 1))).toHaveLength(1);
  });

  it('starts it over after no time, where none is asked for, but not after a failed attempt', () => {
    const never = of({ first: 0, max: 0, resetAfter: 0 });
    const at0 = [life(0, 1), crash(0, 1, 0, 1), timer(1, 0, 0)];
    const failed = 'starting app/s1#2\nstart-failed app/s1#2\nended app/s1#2';

    expect(never(...at0, life(0, 2), crash(0, 2, 0, 1))).toEqual([]);
    expect(never(...at0, life(0, 2), crash(0, 2, 0, 2))).toHaveLength(1);
    expect(never(...at0, failed, 'backoff app/s1#2 {"attempt":2}')).toEqual([]);
    expect(never(...at0, failed, 'backoff app/s1#2 {"attempt":1}')).toHaveLength(1);
  });

  it('starts it over by hand, and for a place that was gone', () => {
    const byHand = ['> 1 begins restartChild app s1', '6 starting app/s1#2', 'ready app/s1#2'];
    const crashed = [life(0, 1), crash(5, 1, 10, 1)];

    expect(check(...crashed, ...byHand, crash(7, 2, 10, 1))).toEqual([]);
    expect(check(...crashed, ...byHand.slice(1), crash(7, 2, 10, 1))).not.toEqual([]);
    const ended = [...once, '20 ended app/s1#2'];
    const again = [life(30, 3), crash(31, 3, 10, 1)];
    expect(check(...ended, 'dropped app/s1#2', ...again)).toEqual([]);
    expect(check(...ended, ...again)).toHaveLength(1);
  });

  it('objects to a delay that counts from before the end, and to a start before it is over', () => {
    expect(
      check(life(0, 1), '5 ended app/s1#1', '6 backoff app/s1#1 {"delayMs":10,"attempt":1}'),
    ).toEqual(['app/s1 ended at 5 ms, its delay counts from 6']);
    expect(check(life(0, 1), crash(5, 1, 10, 1), timer(1, 14, 10), life(14, 2))).toEqual([
      'app/s1 starts at 14 ms, before 5 + 10',
    ]);
  });

  it('objects to a restart that does not go through the clock', () => {
    expect(check(life(0, 1), crash(5, 1, 10, 1), life(15, 2))).toEqual([
      'app/s1 starts at entry 5, not by a timer that was armed after 4',
    ]);
    expect(check(life(0, 1), 'timer 1 armed 10', crash(5, 1, 10, 1), life(15, 2))).toHaveLength(1);
  });
});

describe('startOrder', () => {
  const chain = app([service('s1'), service('s2', { needs: [{ path: 'app/s1' }] })]);
  const check = judge(startOrder, chain);
  const up = 'starting app/s1#1\nready app/s1#1';

  it('allows an item when the one before, and all that it needs, is ready', () => {
    expect(check('0 starting app#1', up, 'starting app/s2#1')).toEqual([]);
  });

  it('objects to one whose need is not ready, or not any more', () => {
    const needless = 'app/s2#1 starts at entry 2; app/s1 is not ready';

    expect(check('0 starting app#1', 'starting app/s1#1', 'starting app/s2#1')).toContain(needless);
    expect(check(up, 'ready app#1', 'ended app/s1#1', 'starting app/s2#1')).toHaveLength(1);
  });

  it('allows one whose need has done its work, or could be done without', () => {
    const done = (need: Partial<ServicePlan>, optional = false) =>
      judge(
        startOrder,
        app([service('s1', need), service('s2', { needs: [{ path: 'app/s1', optional }] })]),
      )(up, 'ended app/s1#1 {"reason":"normal"}', 'starting app/s2#1');

    expect(done({ restart: 'transient' })).toEqual([]);
    expect(done({}, true)).toEqual([]);
    expect(done({})).toHaveLength(1);
  });

  it('objects to one out of its turn, but only in a sequence, and in its first start', () => {
    const of = (start: 'sequential' | 'parallel') =>
      judge(startOrder, app([group('g1', [service('s1'), service('s2')], { start })]));
    const wrong = ['0 starting app/g1#1', 'starting app/g1/s2#1'];

    expect(of('sequential')(...wrong)).toEqual(['app/g1/s2#1 starts at entry 1, before s1']);
    expect(of('parallel')(...wrong)).toEqual([]);
    expect(
      of('sequential')('0 starting app/g1#1', 'ready app/g1#1', 'starting app/g1/s2#2'),
    ).toEqual([]);
  });
});
