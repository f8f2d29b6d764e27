import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { backoffBounds } from '../../src/testing/invariants/backoff-bounds.ts';
import { callsObeyed } from '../../src/testing/invariants/calls-obeyed.ts';
import { decisionRespected } from '../../src/testing/invariants/decision-respected.ts';
import { oneChargePerGroup } from '../../src/testing/invariants/group-charges.ts';
import { populationBounded } from '../../src/testing/invariants/population.ts';
import { prematureGiveUp } from '../../src/testing/invariants/premature-give-up.ts';
import { restartTypeRespected } from '../../src/testing/invariants/restart-type.ts';
import { startFailureDecided } from '../../src/testing/invariants/start-failure.ts';
import { strategyRespected } from '../../src/testing/invariants/strategy.ts';
import { messagesOf } from './trace-of.ts';

const api = service('api', { decide: () => 'stop' }, async () => {});
const db = service('db', async () => {});
const app = supervisor('app', { intensity: 0, period: '1s' }, [api, db]);

const up = [
  '0 starting app#1',
  ...['api', 'db'].flatMap((id) => [`starting app/${id}#1`, `ready app/${id}#1`]),
  'ready app#1',
].join('\n');
const later = '\n9999 finished app';
const decided = (answer: string) =>
  `5 hook app/api#1 {"hook":"decide","answer":"${answer}"}\nended app/api#1 {"reason":"error"}`;
const escalated = (isDecided: boolean) =>
  `escalated app#1 {"culprit":"app/api","isDecided":${isDecided}}`;

describe('decisionRespected', () => {
  it.each([
    ['what is to stay down stays down', decided('stop')],
    ['what is to be restarted is', `${decided('restart')}\nbackoff app/api#1`],
    ['what is to escalate does', `${decided('escalate')}\n${escalated(true)}`],
    ['a budget may be spent whatever was decided', `${decided('restart')}\n${escalated(false)}`],
  ])('allows that %s', (_what, text) => {
    expect(messagesOf(decisionRespected, app, `${up}\n${text}${later}`)).toEqual([]);
  });

  it('objects when what is on its way out is asked about, and not when its successor is', () => {
    const aborted = '5 aborted app/api#1';
    const asked = (life: number) => `6 hook app/api#${life} {"hook":"decide","answer":"restart"}`;
    const again = '6 starting app/api#2\nready app/api#2';

    expect(messagesOf(decisionRespected, app, `${up}\n${aborted}\n${asked(1)}`)).toEqual([
      'The decide of app/api#1 is asked at 6 ms, when it is on its way out.',
    ]);
    expect(messagesOf(decisionRespected, app, `${up}\n${aborted}\n${again}\n${asked(2)}`)).toEqual(
      [],
    );
  });

  it('objects when nobody asks', () => {
    const failed = '5 ended app/api#1 {"reason":"error"}';
    const begun = up.replace('ready app/api#1', 'body-begun app/api#1\nready app/api#1');

    expect(messagesOf(decisionRespected, app, `${begun}\n${failed}`)).toEqual([
      'app/api#1 failed at 5 ms, and its decide was not asked.',
    ]);
  });

  it.each([
    ['what is to stay down is restarted', `${decided('stop')}\nbackoff app/api#1`],
    ['what is to escalate is given up', `${decided('escalate')}\nfailed app/api#1`],
    ['an escalation is no decision', `${decided('escalate')}\n${escalated(false)}`],
    ['nobody decided on an escalation', `${decided('restart')}\n${escalated(true)}`],
  ])('objects when %s', (_what, text) => {
    expect(messagesOf(decisionRespected, app, `${up}\n${text}${later}`)).toHaveLength(1);
  });
});

describe('restartTypeRespected', () => {
  it('lets a decide leave a child down, and nothing else', () => {
    expect(messagesOf(restartTypeRespected, app, `${up}\n${decided('stop')}${later}`)).toEqual([]);
    expect(
      messagesOf(restartTypeRespected, app, `${up}\n${decided('restart')}${later}`),
    ).toHaveLength(1);
  });
});

describe('prematureGiveUp', () => {
  const failed = '5 ended app/db#1 {"reason":"error"}';
  const spent = 'escalated app#1 {"culprit":"app/db","isDecided":false,"used":0,"intensity":0}';

  it('knows what a supervisor does when its restarts are used up', () => {
    expect(messagesOf(prematureGiveUp, app, `${up}\n${failed}\n${spent}`)).toEqual([]);
    expect(messagesOf(prematureGiveUp, app, `${up}\n${failed}\nfailed app/db#1`)).toEqual([
      "app does 'give-up' at 5 ms over app/db; its whenExhausted is 'escalate'.",
    ]);
  });
});

describe('startFailureDecided', () => {
  const begun = '0 starting app#1\nstarting app/api#1\nbody-begun app/api#1';
  const failure = `${begun}\n5 start-failed app/api#1\nbody-over app/api#1`;

  it('allows that the supervisor fails to start with its item', () => {
    const text = `${failure}\nstart-failed app#1${later}`;

    expect(messagesOf(startFailureDecided, app, text)).toEqual([]);
  });

  it('objects to a supervisor that goes on', () => {
    expect(messagesOf(startFailureDecided, app, `${failure}${later}`)).toEqual([
      'The first start of app/api failed at 5 ms, and app goes on starting.',
    ]);
  });

  it('objects to one that is tried again', () => {
    expect(messagesOf(startFailureDecided, app, `${failure}\nbackoff app/api#1`)).toHaveLength(1);
  });

  it('allows the same where it was asked for', () => {
    const root = supervisor('app', [service('api', { firstStart: 'retry' }, async () => {})]);

    expect(messagesOf(startFailureDecided, root, `${failure}\nbackoff app/api#1`)).toEqual([]);
  });

  it('objects to a failed restart that nobody decides about', () => {
    const crash = '5 ended app/db#1 {"reason":"error"}\nbackoff app/db#1';
    const again = `${crash}\nstarting app/db#2 {"attempt":1}\nbody-begun app/db#2`;
    const text = `${up}\n${again}\nstart-failed app/db#2\n6 body-over app/db#2`;

    expect(messagesOf(startFailureDecided, app, `${text}${later}`)).toHaveLength(1);
    expect(messagesOf(startFailureDecided, app, `${text}\nbackoff app/db#2${later}`)).toEqual([]);
  });
});

describe('callsObeyed', () => {
  const stopped = '5 call app/db\nstop-requested app/db#1\nended app/db#1';

  it.each([
    ['a stop', `${stopped}\n90 note app`],
    [
      'a stop, and a start after it',
      `${stopped}\n9 call app/db {"call":"start"}\nstarting app/db#2`,
    ],
    [
      'a start that was on its way, and is stopped at once',
      '5 ended app/db#1\ncall app/db\nstarting app/db#2\nstop-requested app/db#2\nended app/db#2',
    ],
    [
      'a restart that is under way, whatever else is called meanwhile',
      '5 call app/db {"call":"restart"}\nstop-requested app/db#1\ncall app/db {"call":"start"}\n6 call app/db\n9 ended app/db#1\nstarting app/db#2',
    ],
    ['a stop that is still under way', '5 call app/db\nstop-requested app/db#1\n9 note app'],
  ])('allows %s', (_what, text) => {
    expect(messagesOf(callsObeyed, app, `${up}\n${text}${later}`)).toEqual([]);
  });

  it.each([
    ['a call that nothing comes of', '5 call app/db', /is still running/],
    ['one that comes back by itself', `${stopped}\n9 starting app/db#2`, /has started again/],
    [
      'a second start after the one that was caught',
      '5 ended app/db#1\ncall app/db\nstarting app/db#2\nstop-requested app/db#2\nended app/db#2\n9 starting app/db#3',
      /has started again/,
    ],
    [
      'a stop after a restart that has come to its start',
      '5 call app/db {"call":"restart"}\nstop-requested app/db#1\nended app/db#1\nstarting app/db#2\n6 call app/db',
      /is still starting/,
    ],
    [
      'a restart that a stop should have called off',
      '4 ended app/db#1 {"reason":"error"}\nbackoff app/db#1 {"delayMs":9000}\n5 call app/db',
      /still is to start: it is backoff/,
    ],
    [
      'a start that never comes',
      '4 ended app/db#1\nstopped app/db#1\n5 call app/db {"call":"start"}',
      /has not started/,
    ],
  ])('objects to %s', (_what, text, message) => {
    expect(messagesOf(callsObeyed, app, `${up}\n${text}${later}`)[0]).toMatch(message);
  });

  it('objects to a start by hand that is tried again', () => {
    const text = `${up}\n${stopped}\nstopped app/db#1\n9 call app/db {"call":"start"}\nstarting app/db#2\nstart-failed app/db#2\nbackoff app/db#2`;

    expect(messagesOf(callsObeyed, app, text)).toHaveLength(1);
  });
});

describe('backoffBounds', () => {
  const root = supervisor('app', [service('db', { backoff: { first: 1_000 } }, async () => {})]);
  const series = (delays: readonly number[]) =>
    delays
      .map(
        (delayMs, nth) =>
          `starting app/db#${nth + 1}\nended app/db#${nth + 1} {"reason":"error"}\nbackoff app/db#${nth + 1} {"delayMs":${delayMs}}`,
      )
      .join('\n');

  const isDrawn = (...delays: number[]) =>
    !messagesOf(backoffBounds, root, series(delays)).some((each) => /nothing is drawn/.test(each));

  it('objects to delays with jitter that are all the same', () => {
    expect(isDrawn(700, 700, 700, 700)).toBe(true);
    expect(isDrawn(700, 700, 700, 700, 700)).toBe(false);
  });

  it('objects earlier to those at the edge, where chance seldom leads', () => {
    expect(isDrawn(1_000, 1_000, 1_000)).toBe(true);
    expect(isDrawn(1_000, 1_000, 1_000, 700, 1_000)).toBe(true);
    expect(isDrawn(1_000, 1_000, 1_000, 1_000)).toBe(false);
  });
});

describe('oneChargePerGroup', () => {
  const root = supervisor('app', { strategy: 'one-for-all' }, [api, db]);
  const failed = '5 ended app/db#1 {"reason":"error"}\nbackoff app/db#1 {"delayMs":100}';
  const taken = `${failed}\nstop-requested app/api#1\nended app/api#1`;

  it('allows a group that comes back after the delay, and fails again', () => {
    const back = `${taken}\n105 starting app/api#2\nended app/api#2 {"reason":"error"}`;

    expect(messagesOf(oneChargePerGroup, root, `${up}\n${back}\nbackoff app/api#2`)).toEqual([]);
  });

  it('objects to a member that comes back before', () => {
    expect(messagesOf(oneChargePerGroup, root, `${up}\n${taken}\n50 starting app/api#2`)).toEqual([
      'app/api comes back at 50 ms, before the delay of 100 ms of app/db is over at 105 ms.',
    ]);
  });

  it('objects to a member that is charged too', () => {
    const both = `${failed}\nended app/api#1 {"reason":"error"}\nbackoff app/api#1`;

    expect(messagesOf(oneChargePerGroup, root, `${up}\n${both}`)).toHaveLength(1);
  });
});

describe('populationBounded', () => {
  const root = supervisor('app', [
    supervisor('pool', { strategy: 'dynamic', template: db, maxChildren: 1 }),
  ]);

  it('counts those that are there', () => {
    const one = '0 starting app/pool/1#1\nready app/pool/1#1';

    expect(messagesOf(populationBounded, root, `${one}\n5 starting app/pool/2#1`)).toHaveLength(1);
    expect(
      messagesOf(populationBounded, root, `${one}\n5 dropped app/pool/1#1\nstarting app/pool/2#1`),
    ).toEqual([]);
  });

  it('objects to one that is refused while there is room', () => {
    const one = '0 starting app/pool/1#1\nready app/pool/1#1';
    const refused = 'answered app/pool/2 {"to":3,"refusal":"DARUMA_TOO_MANY_CHILDREN"}';
    const call = 'call app/pool/2 {"call":"startChild"}';
    const later = '9 starting app/pool/3#1';
    const gone = 'dropped app/pool/1#1';

    expect(messagesOf(populationBounded, root, `5 ${call}\n${refused}\n${later}`)).toEqual([
      'app/pool/2 is refused at 5 ms although app/pool, which may have 1 children, has 0.',
    ]);
    expect(
      messagesOf(populationBounded, root, `${one}\n5 ${call}\n${refused}\n${gone}\n${later}`),
    ).toEqual([]);
  });
});

describe('a group that comes back', () => {
  const member = (name: string) => service(name, { decide: () => 'stop' }, async () => {});
  const root = supervisor('app', { strategy: 'rest-for-one' }, ['a', 'b', 'c'].map(member));
  const up = ['a', 'b', 'c'].map((id) => `0 starting app/${id}#1\nready app/${id}#1`).join('\n');
  const goesDown = `
    5 ended app/a#1 {"reason":"error"}
    backoff app/a#1
    stop-requested app/c#1
    ended app/c#1
    stop-requested app/b#1
    ended app/b#1
    starting app/a#2`;

  it('does not wait for one whose decide has left it down', () => {
    const failed = 'ready app/a#2\n6 starting app/b#2\nstart-failed app/b#2';
    const left = `${up}${goesDown}\n${failed}\nhook app/b#2 {"hook":"decide","answer":"stop"}`;
    const next = '\nstarting app/c#2';

    expect(messagesOf(strategyRespected, root, left + next)).toEqual([]);
    expect(messagesOf(strategyRespected, root, left.replace('"stop"', '"restart"') + next)).toEqual(
      [expect.stringMatching(/before app\/b/)],
    );
  });

  it('does not go down once more for somebody after it who is there already', () => {
    const early = 'call app/c {"call":"start"}\nstarting app/c#2\nready app/c#2\nended app/c#2';
    const text = `${up}${goesDown}\n6 ${early}\nbackoff app/c#2\n9 ready app/a#2\nstarting app/b#2`;

    expect(messagesOf(strategyRespected, root, text)).toEqual([]);
  });
});
