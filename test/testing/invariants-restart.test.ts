import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { autoShutdown } from '../../src/testing/invariants/auto-shutdown.ts';
import { backoffBounds, delayBounds } from '../../src/testing/invariants/backoff-bounds.ts';
import { backoffSchedule } from '../../src/testing/invariants/backoff-schedule.ts';
import { escalationReachesParent } from '../../src/testing/invariants/escalation.ts';
import { intensity } from '../../src/testing/invariants/intensity.ts';
import { prematureGiveUp } from '../../src/testing/invariants/premature-give-up.ts';
import { restartTypeRespected } from '../../src/testing/invariants/restart-type.ts';
import { strategyRespected } from '../../src/testing/invariants/strategy.ts';
import { messagesOf } from './trace-of.ts';

const backoff = { first: 100, max: 1_000, jitter: 'none', resetAfter: 5_000 } as const;
const child = (name: string, options: object = {}) =>
  service(name, { backoff, ...options }, async () => {});
const budget = { intensity: 3, period: '10s' } as const;
const app = supervisor('app', budget, [child('a'), child('b'), child('c')]);

const charge = (at: number, path: string, used: number) =>
  `${at} ended ${path}#1 {"reason":"error"}\nbackoff ${path}#1 {"used":${used}}`;

describe('intensity', () => {
  it('allows as many in a period, and one more just after it', () => {
    const text = [
      charge(0, 'app/a', 1),
      charge(1, 'app/b', 2),
      charge(2, 'app/a', 3),
      charge(10_001, 'app/a', 3),
    ];

    expect(messagesOf(intensity, app, text.join('\n'))).toEqual([]);
  });

  it('objects to one more at the very edge', () => {
    const text = [
      charge(0, 'app/a', 1),
      charge(1, 'app/b', 2),
      charge(2, 'app/a', 3),
      charge(10_000, 'app/a', 4),
    ];

    expect(messagesOf(intensity, app, text.join('\n'))).toEqual([
      'app was charged 4 restarts within 10000 ms, the last for app/a at 10000 ms; its intensity allows 3.',
    ]);
  });

  it('begins anew with every incarnation of the supervisor', () => {
    const text = [
      charge(0, 'app/a', 1),
      charge(1, 'app/b', 2),
      charge(2, 'app/a', 3),
      '3 starting app#2',
      charge(4, 'app/a', 1),
    ];

    expect(messagesOf(intensity, app, text.join('\n'))).toEqual([]);
  });

  it('objects to a number that is not what the trace has', () => {
    expect(messagesOf(intensity, app, charge(0, 'app/a', 2))).toHaveLength(1);
  });
});

describe('prematureGiveUp', () => {
  const three = [charge(0, 'app/a', 1), charge(1, 'app/b', 2), charge(2, 'app/a', 3)];

  it('allows it when the budget is spent', () => {
    const text = [...three, '10000 ended app/a#2 {"reason":"error"}\nescalated app#1'].join('\n');

    expect(messagesOf(prematureGiveUp, app, text)).toEqual([]);
  });

  it('objects when a charge has left the window', () => {
    const text = [...three, '10001 ended app/a#2 {"reason":"error"}\nescalated app#1'].join('\n');

    expect(messagesOf(prematureGiveUp, app, text)).toEqual([
      'app gives up at 10001 ms over app/a although only 2 of 3 restarts in 10000 ms are used.',
    ]);
  });

  it('allows it at any time to who decides', () => {
    const root = supervisor('app', budget, [child('a', { decide: () => 'escalate' })]);

    expect(
      messagesOf(
        prematureGiveUp,
        root,
        '0 ended app/a#1 {"reason":"error"}\nescalated app#1 {"isDecided":true}',
      ),
    ).toEqual([]);
  });
});

describe('escalationReachesParent', () => {
  const root = supervisor('app', [supervisor('s', budget, [child('a')])]);
  const up =
    '0 starting app#1\nstarting app/s#1\nready app/s#1\nready app#1\n5 escalated app/s#1 {"culprit":"app/s/a"}';

  it('allows a parent that restarts it', () => {
    const text = `${up}\nended app/s#1 {"reason":"RestartLimitExceeded"}\nbackoff app/s#1\n6 note app`;

    expect(messagesOf(escalationReachesParent, root, text)).toEqual([]);
  });

  it('objects to a parent that does nothing', () => {
    const text = `${up}\nended app/s#1 {"reason":"RestartLimitExceeded"}\n6 note app`;

    expect(messagesOf(escalationReachesParent, root, text)).toEqual([
      'app/s gave up and was down at 5 ms, and app neither restarts it nor gives up itself.',
    ]);
  });

  it('objects to another reason', () => {
    expect(messagesOf(escalationReachesParent, root, `${up}\nended app/s#1`)).toHaveLength(1);
  });

  it('objects to one that never ends', () => {
    expect(messagesOf(escalationReachesParent, root, `${up}\n99 finished app`)).toHaveLength(1);
  });
});

describe('restartTypeRespected', () => {
  const root = supervisor('app', [
    child('p'),
    child('t', { restart: 'transient' }),
    child('x', { restart: 'temporary' }),
  ]);
  const run = (id: string, reason: string) =>
    `0 starting app#1\nstarting app/${id}#1\nready app/${id}#1\n5 ended app/${id}#1 {"reason":"${reason}"}`;

  it.each([
    ['p', 'normal', true],
    ['p', 'error', true],
    ['t', 'normal', false],
    ['t', 'error', true],
    ['x', 'error', false],
  ])('%s after %s: restarted %s', (id, reason, isRestarted) => {
    const restarted = `${run(id, reason)}\nbackoff app/${id}#1\n6 note app`;
    const left = `${run(id, reason)}\n6 note app`;

    expect(messagesOf(restartTypeRespected, root, restarted)).toHaveLength(isRestarted ? 0 : 1);
    expect(messagesOf(restartTypeRespected, root, left)).toHaveLength(isRestarted ? 1 : 0);
  });

  it('excuses a supervisor that is back before late timers have had their time', () => {
    const nested = supervisor('app', [supervisor('s', [child('p')])]);
    const crash = `
      0 fault app {"fault":{"kind":"timerJitter","params":{"ms":30}}}
      starting app#1\nstarting app/s#1\nstarting app/s/p#1\nready app/s/p#1\nready app/s#1
      5 ended app/s/p#1 {"reason":"error"}`;
    const back = 'escalated app/s#1\nended app/s#1\n20 starting app/s#2\n50 note app';

    expect(messagesOf(restartTypeRespected, nested, `${crash}\n${back}`)).toEqual([]);
    expect(messagesOf(restartTypeRespected, nested, `${crash}\n50 note app`)).toHaveLength(1);
  });

  it('objects to a charge for having stopped', () => {
    const text =
      '0 starting app/p#1\nready app/p#1\n5 stop-requested app/p#1\nended app/p#1\nbackoff app/p#1';

    expect(messagesOf(restartTypeRespected, root, text)).toEqual([
      'app/p was asked to stop at 5 ms, and is charged a restart for having stopped.',
    ]);
  });
});

describe('strategyRespected', () => {
  const up = [
    '0 starting app#1',
    ...['a', 'b', 'c'].flatMap((id) => [`starting app/${id}#1`, `ready app/${id}#1`]),
  ];
  const crash = ['5 ended app/b#1 {"reason":"error"}', 'backoff app/b#1'];
  const stopped = (id: string) => [`stop-requested app/${id}#1`, `ended app/${id}#1`];
  const back = (id: string) => [`starting app/${id}#2`, `ready app/${id}#2`];
  const of = (strategy: 'one-for-one' | 'one-for-all' | 'rest-for-one') =>
    supervisor('app', { strategy, ...budget }, [child('a'), child('b'), child('c')]);
  const check = (strategy: Parameters<typeof of>[0], ...lines: string[][]) =>
    messagesOf(
      strategyRespected,
      of(strategy),
      [...up, ...crash, ...lines.flat(), '9 note app'].join('\n'),
    );

  it('allows what each strategy says', () => {
    expect(check('one-for-one', back('b'))).toEqual([]);
    expect(check('rest-for-one', stopped('c'), back('b'), back('c'))).toEqual([]);
    expect(
      check('one-for-all', stopped('c'), stopped('a'), back('a'), back('b'), back('c')),
    ).toEqual([]);
  });

  it('objects to a sibling that is taken along for nothing', () => {
    expect(check('one-for-one', stopped('c'), back('b'))).toEqual([
      'app/c is stopped at 5 ms although app (one-for-one) had no reason to.',
    ]);
    expect(check('rest-for-one', stopped('c'), stopped('a'))).toHaveLength(1);
  });

  it('objects to a sibling that is left running', () => {
    expect(check('one-for-all', stopped('c'), back('b'))[0]).toMatch(
      /app\/b starts at 5 ms while app\/a#1 is still running/,
    );
    expect(check('rest-for-one', back('b'))).toHaveLength(1);
  });

  it('objects to another order, down and back', () => {
    expect(check('one-for-all', stopped('a'), stopped('c'))).toHaveLength(1);
    expect(check('one-for-all', stopped('c'), stopped('a'), back('b'))[0]).toMatch(/before app\/a/);
  });

  describe('when an item fails to start, and its supervisor with it', () => {
    const root = supervisor('app', [
      supervisor('s', { strategy: 'one-for-all', start: 'parallel' }, [child('a'), child('b')]),
    ]);
    const failed = [
      '0 starting app#1\nstarting app/s#1\nstarting app/s/a#1\nstarting app/s/b#1',
      'ready app/s/b#1\n5 start-failed app/s/a#1\nstop-requested app/s/b#1\nended app/s/b#1',
    ];
    const isBack = 'starting app/s#2\nstarting app/s/a#2';

    it('allows to take its siblings down, even if it is back in the same instant', () => {
      const text = [...failed, 'start-failed app/s#1', isBack, '9 note app'].join('\n');

      expect(messagesOf(strategyRespected, root, text)).toEqual([]);
    });

    it('objects when the supervisor does not fail, or only later', () => {
      const message = 'app/s/b is stopped at 5 ms although app/s (one-for-all) had no reason to.';
      const later = [...failed, '6 start-failed app/s#1', isBack, '9 note app'].join('\n');

      expect(messagesOf(strategyRespected, root, failed.join('\n'))).toEqual([message]);
      expect(messagesOf(strategyRespected, root, later)).toEqual([message]);
    });
  });
});

describe('autoShutdown', () => {
  const of = (autoShutdownOf: 'any-significant' | 'all-significant') =>
    supervisor('app', { autoShutdown: autoShutdownOf }, [
      child('a', { significant: true, restart: 'transient' }),
      child('b', { significant: true, restart: 'transient' }),
      child('c'),
    ]);
  const up =
    '0 starting app#1\nstarting app/a#1\nready app/a#1\nstarting app/b#1\nready app/b#1\nready app#1';
  const ended = (id: string) => `5 ended app/${id}#1 {"reason":"normal"}`;
  const goes = (culprit: string) => `auto-shutdown app#1 {"culprit":"app/${culprit}"}`;

  it('allows it when the rule says so', () => {
    expect(
      messagesOf(
        autoShutdown,
        of('any-significant'),
        `${up}\n${ended('a')}\n${goes('a')}\n6 note app`,
      ),
    ).toEqual([]);
    expect(
      messagesOf(autoShutdown, of('all-significant'), `${up}\n${ended('a')}\n6 note app`),
    ).toEqual([]);
    expect(
      messagesOf(
        autoShutdown,
        of('all-significant'),
        `${up}\n${ended('a')}\n${ended('b')}\n${goes('b')}\n6 note app`,
      ),
    ).toEqual([]);
  });

  it('objects when nothing happens', () => {
    expect(
      messagesOf(autoShutdown, of('any-significant'), `${up}\n${ended('a')}\n6 note app`),
    ).toEqual([
      'app/a, which is significant, has ended at 5 ms, and app does not shut itself down.',
    ]);
  });

  it('allows a call that comes before the decision, however late that is looked at', () => {
    const stalled = '5 fault app {"fault":{"kind":"eventLoopStall","params":{"ms":100}}}';
    const late = `${up}\n${stalled}\n${ended('a')}`;
    const started = 'call app/a {"call":"start"}\n300 note app';
    const root = of('any-significant');

    expect(messagesOf(autoShutdown, root, `${late}\ncall app/a\n50 ${started}`)).toEqual([]);
    expect(messagesOf(autoShutdown, root, `${late}\n150 ${started}`)).toHaveLength(1);
  });

  it('allows a stop by hand while what ended by itself still cleans up', () => {
    const late = `${up}\n3 body-over app/a#1\n4 call app/a {"call":"stop"}\n${ended('a')}\n6 note app`;
    const early = late.replace('"stop"', '"start"');
    const refused = late.replace(
      '{"call":"stop"}',
      '{"call":"stop"}\n4 call app/a {"call":"start"}',
    );

    expect(messagesOf(autoShutdown, of('any-significant'), late)).toEqual([]);
    expect(messagesOf(autoShutdown, of('any-significant'), refused)).toEqual([]);
    expect(messagesOf(autoShutdown, of('any-significant'), early)).toHaveLength(1);
  });

  it('waits for one that is abandoned after its end, and may come back', () => {
    const abandoned = `${up}\n5 aborted app/a#1\nunstopped app/a#1\n${ended('b')}`;
    const back = '5 backoff app/a#1 {"delayMs":1}\n6 note app';
    const asked = `${up}\n5 stop-requested app/a#1\nunstopped app/a#1\n${ended('b')}\n6 note app`;
    const root = of('all-significant');

    expect(messagesOf(autoShutdown, root, `${abandoned}\n${back}`)).toEqual([]);
    expect(messagesOf(autoShutdown, root, asked)).toHaveLength(1);
  });

  it('objects while another lives, and over who is not significant or was asked', () => {
    expect(
      messagesOf(autoShutdown, of('all-significant'), `${up}\n${ended('a')}\n${goes('a')}`),
    ).toHaveLength(1);
    expect(messagesOf(autoShutdown, of('any-significant'), `${up}\n${goes('c')}`)).toHaveLength(1);
    expect(
      messagesOf(
        autoShutdown,
        of('any-significant'),
        `${up}\n5 stop-requested app/a#1\nended app/a#1\n${goes('a')}`,
      ),
    ).toHaveLength(1);
    expect(messagesOf(autoShutdown, app, `${up}\n${goes('a')}`)).toHaveLength(1);
  });
});

describe('backoffBounds', () => {
  it('knows what jitter leaves possible', () => {
    const policy = { firstMs: 100, maxMs: 1_000, factor: 2, resetAfterMs: 0 };

    expect(delayBounds({ ...policy, jitter: 'none' }, 3)).toEqual({ least: 400, most: 400 });
    expect(delayBounds({ ...policy, jitter: 'equal' }, 3)).toEqual({ least: 200, most: 400 });
    expect(delayBounds({ ...policy, jitter: 'full' }, 9)).toEqual({ least: 0, most: 1_000 });
  });

  it('allows the delay of the policy, and a start after it', () => {
    const text =
      '0 ended app/a#1 {"reason":"error"}\nbackoff app/a#1 {"delayMs":200,"attempt":2}\n200 starting app/a#2 {"attempt":2}';

    expect(messagesOf(backoffBounds, app, text)).toEqual([]);
  });

  it('objects to a delay above the maximum, and to a start before its end', () => {
    expect(
      messagesOf(backoffBounds, app, '0 backoff app/a#1 {"delayMs":1600,"attempt":5}')[0],
    ).toMatch(/between 1000 and 1000 ms/);
    expect(
      messagesOf(
        backoffBounds,
        app,
        '0 backoff app/a#1 {"delayMs":100}\n99 starting app/a#2 {"attempt":1}',
      ),
    ).toEqual(['app/a starts again at 99 ms; its delay of 100 ms is over at 100 ms.']);
  });
});

describe('backoffSchedule', () => {
  const series = (readyMs: number, attempt: number) => `
    0 starting app/a#1
    ready app/a#1
    0 ended app/a#1 {"reason":"error"}
    backoff app/a#1 {"delayMs":100,"attempt":1}
    100 starting app/a#2 {"attempt":1}
    ready app/a#2
    ${100 + readyMs} aborted app/a#2
    ended app/a#2 {"reason":"error"}
    backoff app/a#2 {"attempt":${attempt}}`;

  it('allows a series to go on, and to start over after a stable life', () => {
    expect(messagesOf(backoffSchedule, app, series(4_999, 2))).toEqual([]);
    expect(messagesOf(backoffSchedule, app, series(5_000, 1))).toEqual([]);
  });

  it('objects to the contrary', () => {
    expect(messagesOf(backoffSchedule, app, series(4_999, 1))).toEqual([
      'app/a starts a new series of delays although it was ready for 4999 ms only; that takes 5000 ms.',
    ]);
    expect(messagesOf(backoffSchedule, app, series(5_000, 2))).toEqual([
      'app/a goes on with restart 2 of its series although it was ready for 5000 ms; 5000 ms start a new one.',
    ]);
    expect(messagesOf(backoffSchedule, app, series(10, 4))).toHaveLength(1);
  });

  it('holds for a stable time of nothing too', () => {
    const never = { first: 100, max: 1_000, jitter: 'full', resetAfter: 0 } as const;
    const root = supervisor('app', budget, [child('a', { backoff: never })]);
    const goesOn = (attempt: number) => `
      0 starting app/a#1
      ready app/a#1
      0 ended app/a#1 {"reason":"error"}
      backoff app/a#1 {"delayMs":0,"attempt":1}
      starting app/a#2 {"attempt":1}
      ready app/a#2
      ended app/a#2 {"reason":"error"}
      backoff app/a#2 {"attempt":${attempt}}`;

    expect(messagesOf(backoffSchedule, root, goesOn(1))).toEqual([]);
    expect(messagesOf(backoffSchedule, root, goesOn(2))).toHaveLength(1);
  });
});
