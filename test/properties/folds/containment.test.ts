import { describe, expect, it } from 'vitest';
import { historyOf } from '../harness/history-of.ts';
import { app, service } from '../harness/plan-of.ts';
import { runPlan } from '../harness/runner.ts';
import { containment } from './containment.ts';
import { differences } from './differences.ts';
import { nothingHangs } from './nothing-hangs.ts';
import { totalOrder } from './total-order.ts';

const plan = app([service('s1')]);
const starts = '0 starting app/s1#1 =starting\n. app/s1#1 begins';
const ends = '. app/s1#1 ends error';

describe('containment', () => {
  const failing = app([service('s1')], {
    reactions: [{ on: 'ready', nth: 0, act: { fn: 'throw' } }],
  });
  const check = (of: typeof plan, ...lines: string[]) =>
    containment(historyOf(of, lines.join('\n')));

  it('allows a listener that fails, once it is reported', () => {
    expect(check(failing, 'ready app/s1#1', 'listener-failed app')).toEqual([]);
    expect(check(failing, 'starting app/s1#1')).toEqual([]);
  });

  it('objects to a failure of a listener that is not reported, or reported twice', () => {
    expect(check(failing, 'ready app/s1#1')).toEqual(['1 listeners threw, 0 are reported']);
    expect(check(plan, 'ready app/s1#1', 'listener-failed app')).toHaveLength(1);
  });

  it('objects to what reaches the process', () => {
    const escaped = [new Error('out')];

    expect(containment(historyOf(plan, '', { escaped }))[0]).toMatch(/^it escaped: Error: out/);
  });

  it('objects to what a machine leaves running', () => {
    const inner = `${starts}\n. app/s1#1 inner-begins`;
    const over = 'ended app/s1#1 {"reason":"error"}';

    expect(check(plan, inner, '. app/s1#1 inner-ends', ends, over)).toEqual([]);
    expect(check(plan, inner, ends, over)).toEqual([
      'app/s1#1 is over at entry 4, something inside its machine is not',
    ]);
  });

  it('objects to an end of which nobody is told', () => {
    expect(check(plan, starts, ends, 'start-failed app/s1#1')).toEqual([]);
    expect(check(plan, starts, ends)).toEqual(['app/s1#1 ended, and nobody was told']);
  });

  it('objects to a decide that fails in silence', () => {
    const asked = [starts, '. app/s1#1 decide throws'];

    expect(check(plan, ...asked, 'decide-failed app/s1#1')).toEqual([]);
    expect(check(plan, ...asked, 'ended app/s1#1')).toHaveLength(1);
    expect(check(plan, ...asked, 'decide-failed app/s2#1')).toHaveLength(1);
  });
});

describe('differences', () => {
  const of = (...lines: string[]) => historyOf(plan, lines.join('\n'));
  const check = (one: string[], other: string[]) =>
    differences('first', of(...one), 'again', of(...other));

  it('allows the same twice, and reports of listeners that failed in one of them', () => {
    const strays = (n: number) => `. app/s1#1 strays beat ${n} DARUMA_STALE_INCARNATION`;

    expect(check([starts, ends], [starts, ends])).toEqual([]);
    expect(check([starts, 'listener-failed app', strays(3)], [starts, strays(2)])).toEqual([]);
  });

  it('objects to something else, to another time, and to more or less', () => {
    const [difference] = check([starts, ends], [starts, '. app/s1#1 ends normal']);

    expect(difference).toMatch(/^first: .* ends error; again: .* ends normal$/);
    expect(check([starts, ends], [starts, `1 ${ends}`])).toHaveLength(1);
    expect(check([starts, ends], [starts])[0]).toMatch(/again: nothing more$/);
    expect(check([starts], [starts, ends])[0]).toMatch(/^first: nothing more;/);
  });

  it('finds none in a run that is given up, whether a listener fails or not', async () => {
    const busy = app([service('s1', { watchdog: 2 })], {
      reactions: [{ on: 'starting', nth: 0, act: { fn: 'throw' } }],
      steps: [{ do: 'advance', ms: 10_000 }],
    });

    const failing = await runPlan(busy);
    const calm = await runPlan(busy, { throws: false });

    expect(failing.entries.length).toBe(calm.entries.length + 1);
    expect(failing.entries.at(-1)?.at).toBeLessThan(10_000);
    expect(differences('failing', failing, 'calm', calm)).toEqual([]);
  });
});

describe('nothingHangs', () => {
  const stopped = 'phase app {"phase":"stopped"}';
  const check = (text: string, more: Parameters<typeof historyOf>[2] = {}) =>
    nothingHangs(historyOf(plan, text, more));

  it('allows what is answered and at rest', () => {
    const statuses = new Map([
      ['app', 'stopped'],
      ['app/s1', 'unstopped'],
    ]);

    expect(check(`> 1 begins stop app\n${stopped}\n> 1 ends ok`, { statuses })).toEqual([]);
  });

  it('objects to a call that is not answered, or answered twice', () => {
    expect(check(`> 1 begins stop app\n${stopped}`)).toEqual([
      'stop app of entry 0 was never answered',
    ]);
    expect(check(`> 1 begins stop app\n> 1 ends ok\n> 1 ends ok\n${stopped}`)).toHaveLength(1);
  });

  it('objects to timers, to a system that never stops, and to a loop', () => {
    expect(check(stopped, { timersLeft: 2 })).toEqual(['2 timers are left']);
    expect(check('')).toEqual(['the system never stopped']);
    expect(check(stopped, { isLooping: true })).toHaveLength(1);
  });

  it('objects to what is not at rest', () => {
    expect(check(stopped, { statuses: new Map([['app/s1', 'backoff']]) })).toEqual([
      'app/s1 is backoff in the end',
    ]);
  });
});

describe('totalOrder', () => {
  const ready = '5 ready app/s1#1 =running';
  const check = (text: string, more: Parameters<typeof historyOf>[2] = {}) =>
    totalOrder(historyOf(plan, text, more));

  it('allows events in order, each with the status that it leads to', () => {
    expect(check(`${starts}\n${ready}\nphase app {"phase":"running"} =running`)).toEqual([]);
  });

  it('objects to a status that is not that of the event, for the first listener or the last', () => {
    expect(check(`${starts}\n5 ready app/s1#1 =starting`)).toContain(
      'ready app/s1#1 at entry 2: it is starting',
    );
    expect(check(ready, { echoes: [[1, 'stopping']] })).toEqual([
      'ready app/s1#1 at entry 0: for the last listener it is stopping',
    ]);
  });

  it('objects to time that goes back, and to numbers out of order', () => {
    expect(check(`${ready}\n4 health app/s1#1`)).toEqual(['event 2 goes back from 5 to 4 ms']);
    expect(check('health app/s1#1 {"seq":3}')).toEqual(['event 1 has the number 3']);
  });

  it('objects to another order for the last listener, and to what it misses', () => {
    const echoes = [
      [2, 'running'],
      [1, 'starting'],
    ] as const;

    expect(check(`${starts}\n${ready}`, { echoes })).toHaveLength(2);
    expect(check(ready, { echoes: [] })).toContain('the last listener missed events');
  });
});
