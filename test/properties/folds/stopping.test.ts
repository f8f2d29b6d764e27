import { describe, expect, it } from 'vitest';
import type { History } from '../harness/history.ts';
import { historyOf } from '../harness/history-of.ts';
import type { Plan, ServicePlan } from '../harness/plan.ts';
import { app, group, service } from '../harness/plan-of.ts';
import { deadlines } from './deadlines.ts';
import { freeze } from './freeze.ts';
import type { Fold } from './ledger.ts';
import { stopProtocol } from './stop-protocol.ts';

const judge =
  (fold: Fold, plan: Plan, more: Partial<History> = {}) =>
  (...lines: string[]) =>
    fold(historyOf(plan, lines.join('\n'), more));

const up = (id: string) => `starting app/${id}#1\nready app/${id}#1`;
const ask = (id: string, limitMs = 5_000) => `stop-requested app/${id}#1 {"limitMs":${limitMs}}`;
const over = (id: string) => `ended app/${id}#1`;

describe('stopProtocol', () => {
  const of = (own: Partial<ServicePlan> = {}) => judge(stopProtocol, app([service('s1', own)]));
  const runs = '0 starting app/s1#1\n. app/s1#1 begins\n. app/s1#1 says-ready\nready app/s1#1';
  const cancelled = '. app/s1#1 cancelled';
  const ends = '. app/s1#1 ends cancelled';
  const cleans = (name: string) => `. app/s1#1 cleanup-begins ${name}`;
  const cleaned = (name: string) => `. app/s1#1 cleanup-ends ${name}`;
  const cleanup = [cleans('inner'), cleaned('inner'), cleans('outer'), cleaned('outer')];

  it('allows: asked, cancelled, waited for with its cleanup, ended', () => {
    expect(of()(runs, ask('s1'), cancelled, ends, over('s1'))).toEqual([]);
    expect(of({ cleanup: 'ok' })(runs, ask('s1'), cancelled, ends, ...cleanup, over('s1'))).toEqual(
      [],
    );
  });

  it('objects to an end before it is over, cleanup included', () => {
    expect(of()(runs, ask('s1'), cancelled, over('s1'))).toEqual([
      'app/s1#1 ended at entry 6, before it was over',
    ]);
    expect(of({ cleanup: 'ok' })(runs, ask('s1'), ends, over('s1'), ...cleanup)).toHaveLength(1);
  });

  it('allows unstopped exactly at the limit, of one that is not over', () => {
    expect(of()(runs, ask('s1'), cancelled, '5000 unstopped app/s1#1')).toEqual([]);
  });

  it('objects to unstopped too early or too late, or of one that is over', () => {
    const asked = [runs, ask('s1'), cancelled];

    expect(of()(...asked, '4999 unstopped app/s1#1')).toEqual([
      'app/s1#1 is unstopped at 4999 ms, before its limit of 5000',
    ]);
    expect(of()(...asked, '5001 unstopped app/s1#1')).toEqual([
      'app/s1#1 should be over by 5000 ms, it is at 5001',
    ]);
    expect(of()(...asked)).toHaveLength(1);
    expect(of()(...asked, ends, '5000 unstopped app/s1#1')).toEqual([
      'app/s1#1 is unstopped at entry 7, but it was over',
    ]);
  });

  it('objects to more time than it may have, and to asking a brutal one', () => {
    const stops = (limitMs: number) => [runs, ask('s1', limitMs), cancelled, ends, over('s1')];

    expect(of({ stopWithin: 10 })(...stops(10))).toEqual([]);
    expect(of({ stopWithin: 10 })(...stops(11))).toEqual([
      'app/s1#1 has 11 ms to stop, more than it may',
    ]);
    expect(of({ stopWithin: 'brutal' })(...stops(0))).toEqual([
      'app/s1#1 is brutal, and was asked',
    ]);
  });

  it('objects to a signal that is cancelled before it is asked', () => {
    expect(of()(runs, cancelled, ask('s1'), '5000 unstopped app/s1#1')).toEqual([
      'app/s1#1 was cancelled before it was asked to stop',
    ]);
  });

  it('objects to a stop hook that runs unasked, never ready, or not at all', () => {
    const hooked = of({ stopHook: 'ok' });
    const hook = '. app/s1#1 stop-hook-begins\n. app/s1#1 stop-hook-ends';
    const starts = '0 starting app/s1#1\n. app/s1#1 begins';

    expect(hooked(runs, ask('s1'), hook, ends, over('s1'))).toEqual([]);
    expect(hooked(runs, ask('s1'), ends, over('s1'))).toEqual([
      'app/s1#1 was asked to stop, and its stop hook never ran',
    ]);
    expect(hooked(runs, hook, ends, over('s1'))).toEqual(['app/s1#1 runs its stop hook unasked']);
    expect(hooked(starts, ask('s1'), hook, ends, over('s1'))).toEqual([
      'app/s1#1 runs its stop hook, never ready',
    ]);
  });

  it('objects to a cleanup too early, out of order, or twice', () => {
    const cleaning = of({ cleanup: 'ok' });
    const asked = [runs, ask('s1')];

    expect(cleaning(...asked, cleans('inner'), ends, ...cleanup.slice(1), over('s1'))).toEqual([
      'app/s1#1 cleans up at entry 5, before its body is over',
    ]);
    expect(
      cleaning(...asked, ends, cleans('outer'), cleaned('outer'), ...cleanup.slice(0, 2)),
    ).toContain('app/s1#1 cleans up at entry 6, out of order');
    expect(cleaning(...asked, ends, ...cleanup, ...cleanup, over('s1'))).toEqual([
      'app/s1#1 cleans up 4 times',
    ]);
  });

  it('objects to a cleanup that throws in silence', () => {
    const throwing = of({ cleanup: 'throws' });
    const stops = [runs, ask('s1'), ends, ...cleanup];

    expect(throwing(...stops, 'stop-error app/s1#1', over('s1'))).toEqual([]);
    expect(throwing(...stops, over('s1'))).toEqual(['app/s1#1: its cleanup threw in silence']);
  });
});

describe('freeze', () => {
  const pair = app([service('s1'), service('s2')]);
  const check = judge(freeze, pair);
  const begun = `0 starting app#1\n${up('s1')}\n${up('s2')}\nready app#1`;
  const stop = 'stop-requested app#1';

  it('allows the exact reverse order', () => {
    expect(check(begun, stop, ask('s2'), over('s2'), ask('s1'), over('s1'))).toEqual([]);
  });

  it('objects to one that is asked before a later one is down', () => {
    expect(check(begun, stop, ask('s2'), ask('s1'))).toEqual([
      'app/s1 is stopped at entry 8, before app/s2#1 is down',
    ]);
    expect(check(begun, stop, 'ended app/s1#1 {"reason":"killed"}')).toHaveLength(1);
  });

  it('allows any order in parallel, and after a cut-off', () => {
    const parallel = judge(freeze, app([service('s1'), service('s2')], {}, { start: 'parallel' }));

    expect(parallel(begun, stop, ask('s1'), ask('s2'))).toEqual([]);
    expect(check(begun, stop, 'cut-off app', ask('s1'))).toEqual([]);
  });

  it('objects to what starts or backs off below, until it starts again itself', () => {
    expect(check(begun, stop, 'starting app/s1#2')).toEqual([
      'starting app/s1 at entry 7, while app is halting',
    ]);
    expect(check(begun, 'escalated app#1', 'backoff app/s1#1')).toHaveLength(1);
    expect(check(begun, stop, 'starting app#2', 'starting app/s1#2')).toEqual([]);
  });

  it('objects to a call that is accepted below', () => {
    const called = (result: string) =>
      check(begun, stop, '> 1 begins startChild app n1', `> 1 ends ${result}`);

    expect(called('DARUMA_NOT_RUNNING')).toEqual([]);
    expect(called('ok')).toEqual(['startChild app at entry 7, while it is halting: ok']);
    expect(check(begun, '> 1 begins startChild app n1', stop, '> 1 ends ok')).toEqual([]);
  });

  it('objects to a need that goes before its dependant, wherever that is', () => {
    const needy = (own: Partial<ServicePlan> = {}) =>
      judge(
        freeze,
        app([service('s1'), group('g1', [service('s2', { needs: [{ path: 'app/s1' }], ...own })])]),
      );
    const both = `${up('s1')}\nstarting app/g1#1\n${up('g1/s2')}`;

    expect(needy()(both, ask('s1'))).toEqual([
      'app/s1 is stopped at entry 5, before its dependant app/g1/s2',
    ]);
    expect(needy()(both, ask('g1/s2'), over('g1/s2'), ask('s1'))).toEqual([]);
    expect(needy({ onLoss: 'keep' })(both, ask('s1'))).toEqual([]);
    expect(needy({ onLoss: 'keep' })(both, stop, ask('s1'))).toHaveLength(2);
  });
});

describe('deadlines', () => {
  const inner = app([group('g1', [service('s1')], { stopWithin: 10 })], { grace: 2_000 });
  const check = judge(deadlines, inner);
  const begun = `0 starting app#1\nstarting app/g1#1\n${up('g1/s1')}`;
  const stopping = 'phase app {"phase":"stopping"}';
  const stopped = 'phase app {"phase":"stopped"}';

  it('allows a system that is down a second before its grace is over', () => {
    expect(check(begun, stopping, `1000 ${stopped}`)).toEqual([]);
  });

  it('objects to one that is later, or never stops', () => {
    expect(check(begun, stopping, `1001 ${stopped}`)).toEqual([
      'it is down at 1001 ms, not by 1000',
    ]);
    expect(check(begun, stopping)).toHaveLength(1);
  });

  it('objects to who is over, or has time, beyond a limit above', () => {
    const asked = `${begun}\nstop-requested app/g1#1 {"limitMs":10}`;

    expect(check(asked, ask('g1/s1', 10), '10 unstopped app/g1/s1#1')).toEqual([]);
    expect(check(asked, ask('g1/s1', 10), '11 ended app/g1/s1#1')).toEqual([
      'app/g1/s1#1 is over at 11 ms; app/g1 has until 10',
    ]);
    expect(check(asked, ask('g1/s1', 11), over('g1/s1'))).toEqual([
      'app/g1/s1#1 gets 11 ms; app/g1 has 10 left',
    ]);
    expect(check(asked, `4 ${ask('g1/s1', 7)}`, over('g1/s1'))).toHaveLength(1);
  });

  it('objects to a supervisor that takes longer than its worst case', () => {
    const wide = app([group('g1', [service('s1')])]);
    const worst = judge(deadlines, wide, { worstCases: new Map([['app/g1', 20]]) });
    const asked = `${begun}\nstop-requested app/g1#1`;

    expect(worst(asked, '20 ended app/g1#1')).toEqual([]);
    expect(worst(asked, '21 ended app/g1#1')).toEqual([
      'app/g1 took 21 ms to stop, its worst case is 20',
    ]);
  });
});
