import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { endIsSettled } from '../../src/testing/invariants/end-is-settled.ts';
import { startsAtOnce } from '../../src/testing/invariants/starts-at-once.ts';
import { stoppedForAReason } from '../../src/testing/invariants/stop-reason.ts';
import { frozenAtOnce, stopsAtOnce } from '../../src/testing/invariants/stops-at-once.ts';
import { messagesOf } from './trace-of.ts';

const db = service('db', async () => {});
const api = service('api', { needs: { db } }, async () => {});
const web = service('web', { needs: { db }, onLoss: 'keep' }, async () => {});
const once = service('once', { restart: 'temporary' }, async () => {});
const app = supervisor('app', [db, api, web, once]);

const up = [
  '0 starting app#1',
  ...['db', 'api', 'web', 'once'].flatMap((id) => [`starting app/${id}#1`, `ready app/${id}#1`]),
  'ready app#1',
].join('\n');
const later = '\n99 finished app';
const failed = '5 ended app/db#1 {"reason":"error"}\nbackoff app/db#1 {"delayMs":10}';
const suspended = 'stop-requested app/api#1\nended app/api#1\nsuspended app/api#1';
const halting = '9 stop-requested app#1 {"limitMs":null}';
const down = (id: string) => `stop-requested app/${id}#1\nended app/${id}#1`;

describe('startsAtOnce', () => {
  it.each([
    ['a delay that is waited for exactly', `${failed}\n${suspended}\n15 starting app/db#2`],
    [
      'a dependant that starts with its need',
      `${failed}\n${suspended}\n15 starting app/db#2\nready app/db#2\nstarting app/api#2\nready app/api#2${later}`,
    ],
    ['one that a call took down', `5 call app/once\n${down('once')}${later}`],
    [
      'a need that has not said that it goes, while its dependants do',
      `${up}\n5 ended app/web#1 {"reason":"error"}\nbackoff app/web#1 {"delayMs":0}\naborted app/api#1\n7 note app`,
    ],
  ])('allows %s', (_what, text) => {
    expect(messagesOf(startsAtOnce, app, `${up}\n${text}`)).toEqual([]);
  });

  it.each([
    ['a restart that is late', `${failed}\n${suspended}\n16 starting app/db#2`, /over at 15 ms/],
    [
      'a dependant that is forgotten',
      `${failed}\n${suspended}\n15 starting app/db#2\nready app/db#2${later}`,
      /app\/api does not start at 15 ms/,
    ],
  ])('objects to %s', (_what, text, message) => {
    const [first] = messagesOf(startsAtOnce, app, `${up}\n${text}`);

    expect(first).toMatch(message);
  });
});

describe('startsAtOnce, below an item of a group,', () => {
  const b = service('b', { restart: 'transient' }, async () => {});
  const root = supervisor('app', { strategy: 'rest-for-one' }, [
    service('light', async () => {}),
    supervisor('inner', [b]),
    service('last', async () => {}),
  ]);
  const going = [
    '0 starting app#1',
    ...['light', 'inner', 'inner/b', 'last'].map((id) => `starting app/${id}#1`),
    ...['light', 'inner/b', 'inner', 'last'].map((id) => `ready app/${id}#1`),
    'ready app#1',
    '3 ended app/inner/b#1 {"reason":"normal"}',
    '5 ended app/light#1 {"reason":"error"}',
    'backoff app/light#1 {"delayMs":10}',
    'stop-requested app/last#1',
  ].join('\n');
  const down = ['50 ended app/last#1', 'stop-requested app/inner#1', 'ended app/inner#1'].join(
    '\n',
  );
  const back = ['starting app/light#2', 'ready app/light#2', 'starting app/inner#2'].join('\n');

  it('allows that work is done again only when its turn has come', () => {
    expect(messagesOf(startsAtOnce, root, `${going}\n${down}\n${back}`)).toEqual([]);
  });

  it('objects when it is not done again then', () => {
    expect(messagesOf(startsAtOnce, root, `${going}\n${down}\n${back}${later}`)).toEqual([
      expect.stringMatching(/app\/inner\/b does not start at 50 ms/),
    ]);
  });
});

describe('stopsAtOnce', () => {
  it('allows a supervisor that waits for an item on its way', () => {
    const text = `${up}\n${halting}\nstop-requested app/once#1\n50 ended app/once#1\n${down('web')}`;

    expect(messagesOf(stopsAtOnce, app, `${text}\n${down('api')}\n${down('db')}`)).toEqual([]);
  });

  it('objects to one that asks nobody', () => {
    const text = `${up}\n${halting}\n${down('once')}${later}`;

    expect(messagesOf(stopsAtOnce, app, text)).toEqual([
      'app goes down since 9 ms, and app/web, whose turn it is, is still running at 9 ms.',
    ]);
  });

  it('objects to one that does not end with its last item', () => {
    const all = ['once', 'web', 'api', 'db'].map(down).join('\n');

    expect(messagesOf(stopsAtOnce, app, `${up}\n${halting}\n${all}${later}`)).toEqual([
      'All items of app are down at 9 ms, and it has not ended.',
    ]);
  });

  it('asks a parallel supervisor to stop all who are not in the way of each other', () => {
    const root = supervisor('app', { start: 'parallel' }, [db, api, once]);
    const all = up.replace('starting app/web#1\nready app/web#1\n', '');
    const held = `${all}\n${halting}\nstop-requested app/api#1\nstop-requested app/once#1${later}`;
    const idle = `${all}\n${halting}\nstop-requested app/api#1${later}`;

    expect(messagesOf(stopsAtOnce, root, held)).toEqual([]);
    expect(messagesOf(stopsAtOnce, root, idle)[0]).toMatch(/app\/once, whose turn it is/);
  });
});

describe('stopsAtOnce, of a group,', () => {
  const root = supervisor('app', { strategy: 'one-for-all' }, [db, once]);
  const both = ['db', 'once']
    .map((name) => `starting app/${name}#1\nready app/${name}#1`)
    .join('\n');
  const running = `starting app#1\n${both}\nready app#1`;
  const failed = `${running}\n5 ended app/db#1 {"reason":"error"}\nbackoff app/db#1 {"delayMs":100}`;

  it('allows one whose members are on their way down, or leave it by a call', () => {
    const called = `${failed}\ncall app/once {"call":"start"}`;

    expect(messagesOf(stopsAtOnce, root, `${failed}\nstop-requested app/once#1${later}`)).toEqual(
      [],
    );
    expect(messagesOf(stopsAtOnce, root, `${called}${later}`)).toEqual([]);
  });

  it('objects to one whose members run on', () => {
    expect(messagesOf(stopsAtOnce, root, `${failed}${later}`)).toEqual([
      'The failure of app/db at 5 ms takes app/once along, which is still running at 5 ms.',
    ]);
  });
});

describe('stopsAtOnce, where a need is elsewhere,', () => {
  const root = supervisor('app', [
    supervisor('store', [db]),
    supervisor('shop', [api]),
    service('last', async () => {}),
  ]);
  const all = [
    '0 starting app#1',
    ...['store', 'store/db', 'shop', 'shop/api', 'last'].map((id) => `starting app/${id}#1`),
    ...['store/db', 'store', 'shop/api', 'shop', 'last'].map((id) => `ready app/${id}#1`),
    'ready app#1',
    '5 call app/store',
    'stop-requested app/store#1 {"limitMs":null}',
  ].join('\n');

  it('allows that its dependant waits for its own turn', () => {
    const text = `${all}\nstop-requested app#1 {"limitMs":null}\nstop-requested app/last#1`;

    expect(messagesOf(stopsAtOnce, root, `${text}\n50 ended app/last#1`)).toEqual([]);
  });

  it('objects to a dependant that nobody stops', () => {
    expect(messagesOf(stopsAtOnce, root, `${all}${later}`)).toEqual([
      'app/store goes down since 5 ms, and app/store/db, whose turn it is, is still running at 5 ms.',
    ]);
  });
});

describe('frozenAtOnce', () => {
  it('allows a backoff that is called off when the stop begins', () => {
    const text = `${up}\n${failed}\n${suspended}\n${halting}\nstopped app/db#1\nstopped app/api#1`;

    expect(messagesOf(frozenAtOnce, app, `${text}${later}`)).toEqual([]);
  });

  it('objects to one that is not', () => {
    const text = `${up}\n${failed}\n${suspended}\n${halting}\nstopped app/api#1${later}`;

    expect(messagesOf(frozenAtOnce, app, text)).toEqual([
      'app/db is still backoff although app has been going down since 9 ms.',
    ]);
  });
});

describe('endIsSettled', () => {
  it('allows a temporary service that is dropped', () => {
    const text = `${up}\n5 ended app/once#1 {"reason":"normal"}\ndropped app/once#1${later}`;

    expect(messagesOf(endIsSettled, app, text)).toEqual([]);
  });

  it('objects to one that is not', () => {
    const text = `${up}\n5 ended app/once#1 {"reason":"normal"}${later}`;

    expect(messagesOf(endIsSettled, app, text)).toEqual([
      'app/once#1 is down since 5 ms, and at 5 ms its spec has not been dropped.',
    ]);
  });

  it('objects to a suspension that nobody is told of', () => {
    const text = `${up}\n${failed}\n${down('api')}${later}`;

    expect(messagesOf(endIsSettled, app, text)).toEqual([
      'app/api#1 is down since 5 ms, and at 5 ms nothing says what it waits for.',
    ]);
    expect(messagesOf(endIsSettled, app, `${up}\n${failed}\n${suspended}${later}`)).toEqual([]);
  });
});

describe('stoppedForAReason', () => {
  it.each([
    ['its need is down', `${failed}\n${down('api')}`],
    ['it is called', `5 call app/api\n${down('api')}`],
    ['what it needs is called', `5 call app/db\n${down('api')}`],
    ['its supervisor goes down', `${halting}\n${down('api')}`],
    ['the supervisor says so only then', `9 ${down('api')}\nescalated app#1`],
  ])('allows that %s', (_what, text) => {
    expect(messagesOf(stoppedForAReason, app, `${up}\n${text}${later}`)).toEqual([]);
  });

  it('objects to a stop while all needs are ready', () => {
    expect(messagesOf(stoppedForAReason, app, `${up}\n9 ${down('api')}${later}`)).toEqual([
      'app/api is stopped at 9 ms although its needs are ready and nobody has asked for it.',
    ]);
  });

  it('objects to the stop of one that keeps running without its need', () => {
    expect(
      messagesOf(stoppedForAReason, app, `${up}\n${failed}\n${down('web')}${later}`),
    ).toHaveLength(1);
  });
});
