import { describe, expect, it } from 'vitest';
import { historyOf } from '../harness/history-of.ts';
import { app, service } from '../harness/plan-of.ts';
import { fencing } from './fencing.ts';
import { oneIncarnation } from './one-incarnation.ts';
import { oneSignal } from './one-signal.ts';

const plan = app([service('s1')]);
const first = '0 starting app/s1#1\n. app/s1#1 begins';
const second = 'starting app/s1#2\n. app/s1#2 begins';
const ended = 'ended app/s1#1 {"reason":"error"}';

describe('oneIncarnation', () => {
  const check = (of: typeof plan, ...lines: string[]) =>
    oneIncarnation(historyOf(of, lines.join('\n')));

  it('allows the next when the one before is over, or abandoned', () => {
    expect(check(plan, first, '. app/s1#1 ends error', ended, second)).toEqual([]);
    expect(check(plan, first, 'unstopped app/s1#1', second)).toEqual([]);
  });

  it('objects to the next while the one before runs', () => {
    expect(check(plan, first, ended, second)).toEqual([
      'app/s1#2 begins at entry 4 while app/s1#1 is not over',
    ]);
  });

  it('objects to the next before the cleanup is over', () => {
    const cleans = app([service('s1', { cleanup: 'ok' })]);
    const ends = '. app/s1#1 ends error\n. app/s1#1 cleanup-begins outer';

    expect(check(cleans, first, ends, ended, second)).toHaveLength(1);
    expect(check(cleans, first, ends, '. app/s1#1 cleanup-ends outer', ended, second)).toEqual([]);
  });

  it('objects to the next while a spawned child of the one before runs, unless abandoned with it', () => {
    const child = 'starting app/s1/w#1\n. app/s1/w#1 begins\n. app/s1#1 ends error';

    expect(check(plan, first, child, ended, second)).toEqual([
      'app/s1#2 begins at entry 7 while app/s1/w#1 is not over',
    ]);
    expect(check(plan, first, child, 'unstopped app/s1#1', second)).toEqual([]);
  });

  it('objects to a number that comes twice, that is left out, or that was never started', () => {
    const over = '. app/s1#1 ends error';

    expect(check(plan, first, over, ended, first)).toHaveLength(1);
    expect(check(plan, first, over, ended, 'starting app/s1#3')).toEqual([
      'app/s1#3 starts at entry 4 after #1',
    ]);
    expect(check(plan, first, over, ended, '. app/s1#2 begins')).toEqual([
      'app/s1#2 runs, and was never started',
    ]);
  });
});

describe('fencing', () => {
  const check = (...lines: string[]) => fencing(historyOf(plan, lines.join('\n')));
  const ready = '. app/s1#1 says-ready\nready app/s1#1';

  it('allows what is refused after the end, and what was said before it', () => {
    expect(
      check(
        first,
        ready,
        '. app/s1#1 strays ready 2 ok',
        '. app/s1#1 ends normal',
        'ended app/s1#1 {"reason":"normal"}',
        '. app/s1#1 strays ready 7 DARUMA_STALE_INCARNATION',
        'late app/s1#1',
      ),
    ).toEqual([]);
  });

  it('objects to a call that succeeds after the end', () => {
    expect(check(first, ended, '. app/s1#1 strays spawn 3 ok')).toEqual([
      'app/s1#1 is over at entry 2; its ctx.spawn at 3: ok',
    ]);
  });

  it('objects to what is said after the end', () => {
    expect(check(first, ended, 'health app/s1#1')).toEqual([
      'health app/s1#1 at entry 3; it was over at 2',
    ]);
  });

  it('objects to what an incarnation never said or did', () => {
    expect(check(first, 'ready app/s1#1')).toEqual([
      'ready app/s1#1 at entry 2, which it did not say',
    ]);
    expect(
      check(first, '. app/s1#1 ends error', 'ended app/s1#1 {"reason":"normal"}'),
    ).toHaveLength(1);
    expect(check(first, 'ended app/s1#1 {"reason":"normal"}')).toHaveLength(1);
  });
});

describe('oneSignal', () => {
  const asked = 'stop-requested app/s1#1';
  const cancelled = '. app/s1#1 cancelled';
  const over = 'ended app/s1#1';
  const check = (...lines: string[]) => oneSignal(historyOf(plan, lines.join('\n')));

  it('allows a cancellation on a stop, and on every other exit', () => {
    expect(check(first, asked, cancelled, '. app/s1#1 ends cancelled', over)).toEqual([]);
    expect(check(first, '. app/s1#1 ends error', cancelled, ended)).toEqual([]);
    expect(check(first, cancelled, 'unstopped app/s1#1')).toEqual([]);
  });

  it('objects to one that comes too late, or never', () => {
    expect(check(first, ended, cancelled)).toEqual([
      'app/s1#1 is over at entry 2, its signal is not cancelled',
    ]);
    expect(check(first, ended)).toHaveLength(2);
  });

  it('objects to one without a cause', () => {
    expect(check(first, cancelled, asked, over)).toEqual([
      'app/s1#1 is cancelled at entry 2 without a cause',
    ]);
    expect(check(first, cancelled, '1 unstopped app/s1#1')).toHaveLength(1);
  });

  it('objects to a second signal, and to one that is not cancelled in the end', () => {
    const end = { run: 0, path: 'app/s1', incarnation: 1, isOver: true };
    const left = (isAborted: boolean, isSameSignal: boolean) =>
      oneSignal(historyOf(plan, '', { runs: [{ ...end, isAborted, isSameSignal }] }));

    expect(left(true, true)).toEqual([]);
    expect(left(false, true)).toHaveLength(1);
    expect(left(true, false)).toEqual(['app/s1#1 has had several signals']);
  });
});
