import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { abortDelivered } from '../../src/testing/invariants/abort-delivered.ts';
import { boundedStop } from '../../src/testing/invariants/bounded-stop.ts';
import { dependantStopped } from '../../src/testing/invariants/dependant-stopped.ts';
import { noLivelock, noTimerLeak, noUncaught } from '../../src/testing/invariants/leftovers.ts';
import { shutdownCompletes } from '../../src/testing/invariants/shutdown-completes.ts';
import { stopOrder } from '../../src/testing/invariants/stop-order.ts';
import { messagesOf } from './trace-of.ts';

const db = service('db', async () => {});
const bus = service('bus', { needs: { db } }, async () => {});
const api = service('api', { needs: { bus }, stopWithin: '2s' }, async () => {});
const app = supervisor('app', [db, bus, api]);

const upOf = (...ids: string[]) =>
  [
    '0 starting app#1',
    ...ids.flatMap((id) => [`starting app/${id}#1`, `ready app/${id}#1`]),
    'ready app#1',
  ].join('\n');
const up = upOf('db', 'bus', 'api');
const down = (id: string) => `stop-requested app/${id}#1\nended app/${id}#1`;
const brokenDb = '5 ended app/db#1 {"reason":"error"}';

describe('dependantStopped', () => {
  it('allows those who go at once, furthest first, however long the furthest takes', () => {
    const text = [up, brokenDb, 'stop-requested app/api#1', '900 ended app/api#1', down('bus')];

    expect(messagesOf(dependantStopped, app, text.join('\n'))).toEqual([]);
  });

  it('allows one whose need has done its work', () => {
    const root = supervisor('app', [
      service('db', { restart: 'transient' }, async () => {}),
      service('bus', { needs: { db: 'app/db' } as never }, async () => {}),
    ]);
    const text = [upOf('db', 'bus'), '5 ended app/db#1 {"reason":"normal"}', '99 finished app'];

    expect(messagesOf(dependantStopped, root, text.join('\n'))).toEqual([]);
  });

  it('allows one that waits for what a failed start has left, until that is unstopped', () => {
    const failing = ['starting app/api#1', '4 start-failed app/api#1 {"error":{"message":"no"}}'];
    const text = [upOf('db', 'bus'), ...failing, brokenDb, '2004 unstopped app/api#1', down('bus')];

    expect(messagesOf(dependantStopped, app, text.join('\n'))).toEqual([]);
    const late = [...text.slice(0, -1), '2005 stop-requested app/bus#1'];
    expect(messagesOf(dependantStopped, app, late.join('\n'))).toHaveLength(1);
  });

  it('objects to one that runs on', () => {
    const text = [
      up,
      brokenDb,
      '6 stop-requested app/api#1',
      'ended app/api#1',
      '7 stop-requested app/bus#1',
    ];

    expect(messagesOf(dependantStopped, app, text.join('\n'))).toEqual([
      'app/bus#1 runs on until 7 ms although app/db, which it needs, was down at 5 ms (ended).',
    ]);
  });

  it('objects to one that is to start again with its need, and does not', () => {
    const own = service('own', { needs: { db }, onLoss: 'restart' }, async () => {});
    const root = supervisor('app', [db, own]);
    const back = `${upOf('db', 'own')}\n${brokenDb}\n9 starting app/db#2\nready app/db#2`;

    expect(messagesOf(dependantStopped, root, `${back}\n${down('own')}\n20 note app`)).toEqual([]);
    expect(messagesOf(dependantStopped, root, `${back}\n20 note app`)).toEqual([
      'app/own#1 runs on at 9 ms with what app/db was before it started again at 9 ms.',
    ]);
  });

  it('objects to one that goes on with work that was done anew', () => {
    const seed = service('seed', { restart: 'transient' }, async () => {});
    const own = service('own', { needs: { seed }, onLoss: 'restart' }, async () => {});
    const root = supervisor('app', [seed, own]);
    const done = (life: number) => `ended app/seed#${life} {"reason":"normal"}`;
    const again = `${upOf('seed', 'own')}\n5 ${done(1)}\n9 starting app/seed#2\nready app/seed#2\n${done(2)}`;

    expect(messagesOf(dependantStopped, root, `${again}\n${down('own')}\n20 note app`)).toEqual([]);
    expect(messagesOf(dependantStopped, root, `${again}\n20 note app`)).toEqual([
      'app/own#1 runs on at 9 ms with what app/seed was before it started again at 9 ms.',
    ]);
  });

  it('objects to one that never stops', () => {
    expect(messagesOf(dependantStopped, app, `${up}\n${brokenDb}\n99 finished app`)).toHaveLength(
      1,
    );
  });
});

describe('stopOrder', () => {
  const stop = '9 stop-requested app#1 {"limitMs":null}';

  it('allows the exact reverse order', () => {
    expect(
      messagesOf(stopOrder, app, [up, stop, down('api'), down('bus'), down('db')].join('\n')),
    ).toEqual([]);
  });

  it('objects to a need that goes before its dependant', () => {
    expect(messagesOf(stopOrder, app, `${up}\n9 ${down('bus')}`)).toEqual([
      'app/bus is stopped at 9 ms while app/api, which needs it, is running.',
    ]);
  });

  it('objects to an item that is cut off before its dependant', () => {
    expect(messagesOf(stopOrder, app, `${up}\n9 ended app/bus#1 {"reason":"killed"}`)).toHaveLength(
      1,
    );
  });

  it('objects to an earlier item, and to two at a time', () => {
    const root = supervisor('app', [service('a', async () => {}), service('b', async () => {})]);

    expect(messagesOf(stopOrder, root, `${upOf('a', 'b')}\n${stop}\n${down('a')}`)).toEqual([
      'app/a is stopped at 9 ms while app/b, which comes after it, is running; app stops its items in reverse order.',
    ]);
    const both = `${upOf('a', 'b')}\n${stop}\nstop-requested app/b#1\nstop-requested app/a#1`;
    expect(messagesOf(stopOrder, root, both)[0]).toMatch(
      /app\/b, which comes after it, is stopping/,
    );
  });

  it('lets all go at once where nothing is in order', () => {
    const root = supervisor('app', { start: 'parallel' }, [
      service('a', async () => {}),
      service('b', async () => {}),
    ]);

    expect(messagesOf(stopOrder, root, `${upOf('a', 'b')}\n${stop}\n${down('a')}`)).toEqual([]);
  });
});

describe('boundedStop', () => {
  it('allows an end within its limit, and one that is unstopped at it', () => {
    expect(
      messagesOf(
        boundedStop,
        app,
        `${up}\n9 stop-requested app/api#1 {"limitMs":2000}\n2009 unstopped app/api#1`,
      ),
    ).toEqual([]);
  });

  it.each([
    ['goes on', '9 stop-requested app/api#1 {"limitMs":2000}\n2010 ended app/api#1'],
    [
      'is unstopped too early',
      '9 stop-requested app/api#1 {"limitMs":2000}\n2008 unstopped app/api#1',
    ],
    ['has more time than it may', '9 stop-requested app/api#1 {"limitMs":2001}\n10 note app'],
    ['has less time than it may', '9 stop-requested app/api#1 {"limitMs":1999}\n10 note app'],
    ['is a supervisor', '9 unstopped app#1'],
    [
      'cleans up for longer than its limit',
      '9 aborted app/api#1\n2010 ended app/api#1 {"reason":"error"}',
    ],
  ])('objects to one that %s', (_what, text) => {
    expect(messagesOf(boundedStop, app, `${up}\n${text}`)).toHaveLength(1);
  });

  it('knows the deadlines of supervisors above', () => {
    const root = supervisor('app', [
      supervisor('s', { stopWithin: '3s' }, [service('a', async () => {})]),
    ]);
    const begun =
      '0 starting app#1\nstarting app/s#1\nstarting app/s/a#1\nready app/s/a#1\n9 stop-requested app/s#1 {"limitMs":null}';
    const asked = (limitMs: number) =>
      `${begun}\n1009 stop-requested app/s/a#1 {"limitMs":${limitMs}}\n1010 note app`;

    expect(messagesOf(boundedStop, root, asked(2_000))).toEqual([]);
    expect(messagesOf(boundedStop, root, asked(2_001))).toHaveLength(1);
    // The grace period of the system may be shorter.
    expect(messagesOf(boundedStop, root, asked(1_000))).toHaveLength(1);
  });
});

describe('abortDelivered', () => {
  const begun = '0 starting app/db#1\nbody-begun app/db#1\nready app/db#1\n5 body-over app/db#1';

  it('allows an end after the signal', () => {
    expect(messagesOf(abortDelivered, app, `${begun}\naborted app/db#1\nended app/db#1`)).toEqual(
      [],
    );
  });

  it.each(['ended', 'unstopped'])('objects to %s without', (type) => {
    expect(messagesOf(abortDelivered, app, `${begun}\n${type} app/db#1`)).toHaveLength(1);
  });

  it('objects to a start attempt that failed and goes on', () => {
    const text =
      '0 starting app/db#1\nbody-begun app/db#1\n5 start-failed app/db#1\nbackoff app/db#1';

    expect(messagesOf(abortDelivered, app, text)).toHaveLength(1);
  });
});

describe('shutdownCompletes', () => {
  const stop = '9 phase app {"phase":"stopping"}\nstop-requested app#1 {"limitMs":null}';
  const all = [down('api'), down('bus'), down('db'), 'ended app#1'].join('\n');
  const end = 'phase app {"phase":"stopped"}\nfinished app';

  it('allows an orderly end', () => {
    expect(messagesOf(shutdownCompletes, app, [up, stop, all, end].join('\n'))).toEqual([]);
  });

  it.each([
    ['never ends', [up, stop, '99999 finished app']],
    ['leaves something up', [up, stop, down('api'), down('bus'), 'ended app#1', end]],
    ['takes longer than all limits together', [up, stop, '12010 note app', all, end]],
  ])('objects to one that %s', (_what, lines) => {
    expect(messagesOf(shutdownCompletes, app, lines.join('\n'))).toHaveLength(1);
  });
});

describe('what is left over', () => {
  it('objects to timers after the end', () => {
    expect(messagesOf(noTimerLeak, app, '0 finished app')).toEqual([]);
    expect(messagesOf(noTimerLeak, app, '0 finished app {"pendingTimers":2}')).toEqual([
      '2 timers are still armed after the end.',
    ]);
  });

  it('objects to errors that reach the process, but those on purpose', () => {
    expect(messagesOf(noUncaught, app, '0 uncaught app {"message":"injected: late"}')).toEqual([]);
    expect(messagesOf(noUncaught, app, '0 uncaught app/db#1 {"message":"boom"}')).toHaveLength(1);
  });

  it('objects to a run that comes to no end, and to an instant that does not', () => {
    const notes = (count: number) => Array.from({ length: count }, () => '5 note app').join('\n');

    expect(messagesOf(noLivelock, app, '0 finished app {"isLivelock":true}')).toHaveLength(1);
    expect(messagesOf(noLivelock, app, notes(5_000))).toHaveLength(1);
    expect(messagesOf(noLivelock, app, notes(1_000))).toEqual([]);
  });
});
