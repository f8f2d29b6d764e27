import { describe, expect, it } from 'vitest';
import { historyOf } from '../harness/history-of.ts';
import type { GroupPlan, Plan, ServicePlan } from '../harness/plan.ts';
import { app, service } from '../harness/plan-of.ts';
import { runPlan } from '../harness/runner.ts';
import { decisionOrder } from './decision-order.ts';

const check = (plan: Plan, ...lines: string[]) => decisionOrder(historyOf(plan, lines.join('\n')));
const pair = (root: Partial<GroupPlan> = {}, second: Partial<ServicePlan> = {}) =>
  app([service('s1'), service('s2', second)], {}, root);
const up = ['0 starting app#1', 'starting app/s1#1', 'starting app/s2#1'];
const ended = (id: string, reason = 'error') => `ended app/${id}#1 {"reason":"${reason}"}`;
const charged = (id: string) => `backoff app/${id}#1`;

describe('what follows from an exit', () => {
  const of = (own: Partial<ServicePlan>, ...lines: string[]) =>
    check(app([service('s1', own)]), ...up, ...lines);

  it.each([
    ['permanent', 'normal', true],
    ['permanent', 'error', true],
    ['transient', 'normal', false],
    ['transient', 'error', true],
    ['temporary', 'error', false],
  ] as const)('is, for %s after %s, a restart: %s', (restart, reason, isRestarted) => {
    expect(of({ restart }, ended('s1', reason), charged('s1'))).toHaveLength(isRestarted ? 0 : 1);
    expect(of({ restart }, ended('s1', reason), 'stopped app/s1#1')).toHaveLength(
      isRestarted ? 1 : 0,
    );
  });

  it('is what decide says', () => {
    const escalated = 'escalated app#1 {"culprit":"app/s1"}';

    expect(of({ decide: 'stop' }, ended('s1'), 'stopped app/s1#1')).toEqual([]);
    expect(of({ decide: 'stop' }, ended('s1'), charged('s1'))).toHaveLength(1);
    expect(of({ decide: 'escalate' }, ended('s1'), escalated)).toEqual([]);
    expect(of({ decide: 'escalate' }, ended('s1'), charged('s1'))).toEqual([
      'app/s1#1 ended at entry 3: expected escalate, got backoff',
    ]);
  });

  it('comes in the same instant', () => {
    expect(of({}, ended('s1'), `1 ${charged('s1')}`)).toEqual([
      'app/s1#1 ended at entry 3: expected restart, got backoff',
    ]);
    expect(of({}, ended('s1'))).toEqual([
      'app/s1#1 ended at entry 3: expected restart, got nothing',
    ]);
  });

  it('is nothing while its supervisor goes down', () => {
    expect(of({}, 'stop-requested app#1', ended('s1'))).toEqual([]);
    expect(of({}, ended('s1'), 'stop-requested app#1')).toEqual([]);
  });
});

describe('a member that ends by itself while its group goes down', () => {
  const cleaning = { cleanup: { takes: 101 } };
  const both = ['. app/s1#1 ends error', '. app/s2#1 ends error', ended('s1'), charged('s1')];
  const back = ['starting app/s1#2', 'starting app/s2#2'];

  it.each(['one-for-all', 'rest-for-one'] as const)('is absorbed: %s', (strategy) => {
    const plan = pair({ strategy }, cleaning);

    expect(check(plan, ...up, ...both, `101 ${ended('s2')}`, ...back)).toEqual([]);
  });

  it('is not absorbed where there is no group, or when it has been back', () => {
    const late = (strategy: GroupPlan['strategy'], ...lines: string[]) =>
      check(pair({ ...(strategy && { strategy }) }, cleaning), ...up, ...both, ...lines);

    expect(late('one-for-one', `101 ${ended('s2')}`, back[1] ?? '')).toEqual([
      'app/s2#1 ended at entry 7: expected restart, got starting',
    ]);
    expect(
      late('rest-for-one', `101 ${ended('s2')}`, ...back, 'ended app/s2#2 {"reason":"error"}'),
    ).toHaveLength(1);
  });

  it('is so in a real run', async () => {
    const plan = pair({ strategy: 'rest-for-one', intensity: 3 }, cleaning);
    const exit = { do: 'exit', paths: ['app/s1', 'app/s2'], reason: 'error' } as const;
    const history = await runPlan({ ...plan, steps: [exit, { do: 'advance', ms: 1_000 }] });

    const charges = history.entries.filter(
      (entry) => entry.kind === 'event' && entry.event.type === 'backoff',
    );
    expect(charges).toHaveLength(1);
    expect(decisionOrder(history)).toEqual([]);
  });
});

describe('decisionOrder', () => {
  it('objects to a charge for an end that was asked for', () => {
    expect(check(pair(), ...up, ended('s1', 'killed'), charged('s1'))).toEqual([
      'app/s1#1 is charged at entry 4 for an end that was asked for',
    ]);
    expect(check(pair(), ...up, ended('s1', 'shutdown'), charged('s1'))).toHaveLength(1);
  });

  it('objects to asking the decide of a temporary child', () => {
    const asked = ['. app/s2#1 begins', '. app/s2#1 decide stop', ended('s2')];

    expect(check(pair({}, { decide: 'stop' }), ...up, ...asked)).toEqual([]);
    expect(check(pair({}, { decide: 'stop', restart: 'temporary' }), ...up, ...asked)).toEqual([
      'app/s2#1 is temporary, and its decide is asked at entry 4',
    ]);
  });

  it('objects to a decision before all the exits of the instant are there', () => {
    const exit = { do: 'exit', paths: ['app/s1', 'app/s2'], reason: 'error' } as const;
    const plan = { ...pair(), steps: [exit] };
    const bodies = ['. app/s1#1 begins', '. app/s2#1 begins', '-- 0'];
    const left = ['. app/s1#1 ends error', '. app/s2#1 ends error'];
    const run = (...lines: string[]) => check(plan, ...up, ...bodies, ...left, ...lines, '-- 1');

    expect(run(ended('s1'), ended('s2'), charged('s1'), charged('s2'))).toEqual([]);
    expect(run(ended('s1'), charged('s1'), ended('s2'), charged('s2'))).toEqual([
      'app/s2 ended at entry 10, after the decision at 9',
    ]);
  });
});
