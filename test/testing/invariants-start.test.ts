import { describe, expect, it } from 'vitest';
import { optional, service, supervisor } from '../../src/index.ts';
import { boundedStart } from '../../src/testing/invariants/bounded-start.ts';
import { eventOrder } from '../../src/testing/invariants/event-order.ts';
import { needsReadyBeforeStart } from '../../src/testing/invariants/needs-ready.ts';
import { noStartAfterStopped } from '../../src/testing/invariants/no-start-after-stopped.ts';
import { noStartDuringShutdown } from '../../src/testing/invariants/no-start-during-shutdown.ts';
import { oneIncarnation } from '../../src/testing/invariants/one-incarnation.ts';
import { startOrder } from '../../src/testing/invariants/start-order.ts';
import { messagesOf } from './trace-of.ts';

const a = service('a', async () => {});
const once = service('once', { restart: 'transient' }, async () => {});
const b = service('b', { needs: { a } }, async () => {});
const app = supervisor('app', [a, once, b]);

describe('eventOrder', () => {
  it('allows a life, a restart and a stop', () => {
    const text = `
      0 starting app#1
      starting app/a#1
      ready app/a#1
      5 ended app/a#1 {"reason":"error"}
      backoff app/a#1
      starting app/a#2 {"attempt":1}
      start-failed app/a#2
      backoff app/a#2
      stopped app/a#2`;

    expect(messagesOf(eventOrder, app, text)).toEqual([]);
  });

  it.each([
    ['ready after start-failed', '0 starting app/a#1\nstart-failed app/a#1\nready app/a#1'],
    ['ended after start-failed', '0 starting app/a#1\nstart-failed app/a#1\nended app/a#1'],
    [
      'an event of an old life',
      '0 starting app/a#1\nready app/a#1\nended app/a#1\nstarting app/a#2\nready app/a#1',
    ],
    ['a number left out', '0 starting app/a#1\nstart-failed app/a#1\nstarting app/a#3'],
    ['time that goes back', '5 starting app/a#1\n4 ready app/a#1'],
    ['a charge of who runs', '0 starting app/a#1\nready app/a#1\nbackoff app/a#1'],
  ])('objects to %s', (_what, text) => {
    expect(messagesOf(eventOrder, app, text)).toHaveLength(1);
  });
});

describe('oneIncarnation', () => {
  it('allows the next when the one before is over or abandoned', () => {
    const text = `
      0 starting app/a#1
      body-begun app/a#1
      ready app/a#1
      5 stop-requested app/a#1
      10 unstopped app/a#1
      starting app/a#2
      body-begun app/a#2
      12 body-over app/a#1`;

    expect(messagesOf(oneIncarnation, app, text)).toEqual([]);
  });

  it('objects to a second one beside the first', () => {
    const text = '0 starting app/a#1\nready app/a#1\n5 starting app/a#2';

    expect(messagesOf(oneIncarnation, app, text)).toEqual([
      'app/a#2 starts at 5 ms while #1 is running.',
    ]);
  });

  it('objects to a body that begins while the last one runs, whatever the events say', () => {
    const text = `
      0 starting app/a#1
      body-begun app/a#1
      5 start-failed app/a#1
      starting app/a#2
      body-begun app/a#2`;

    expect(messagesOf(oneIncarnation, app, text)).toEqual([
      'The body of app/a#2 begins at 5 ms while that of #1 still runs.',
    ]);
  });

  it('does not wait for a failed attempt that is cut off', () => {
    const text = `
      0 starting app/a#1
      body-begun app/a#1
      5 start-failed app/a#1
      starting app/a#2
      body-begun app/a#2`;
    const brutal = service('a', { stopWithin: 'brutal' }, async () => {});

    expect(messagesOf(oneIncarnation, supervisor('app', [brutal]), text)).toEqual([]);
  });

  it('objects to a supervisor that starts above a child that is up', () => {
    const text =
      '0 starting app#1\nstarting app/a#1\nready app/a#1\nready app#1\n5 ended app#1\nstarting app#2';

    expect(messagesOf(oneIncarnation, app, text)).toEqual([
      'app#2 starts at 5 ms while app/a#1 below it is running.',
    ]);
  });
});

describe('needsReadyBeforeStart', () => {
  it('allows a start when the need is ready, or has done its work', () => {
    const done = service('done', { restart: 'transient' }, async () => {});
    const root = supervisor('app', [done, service('b', { needs: { done } }, async () => {})]);
    const text = `
      0 starting app/done#1
      ready app/done#1
      5 ended app/done#1 {"reason":"normal"}
      starting app/b#1`;

    expect(messagesOf(needsReadyBeforeStart, root, text)).toEqual([]);
  });

  it('objects while the need is not ready', () => {
    expect(messagesOf(needsReadyBeforeStart, app, '0 starting app/a#1\nstarting app/b#1')).toEqual([
      'app/b#1 starts at 0 ms although app/a, which it needs, is starting.',
    ]);
  });
});

describe('needsReadyBeforeStart, of what is optional', () => {
  const first = service('first', async () => {});
  const second = service('second', { needs: { first: optional(first) } }, async () => {});
  const root = supervisor('app', { start: 'parallel' }, [first, second]);

  it('wants it to have had its turn', () => {
    const starting = '0 starting app/first#1';

    expect(messagesOf(needsReadyBeforeStart, root, `${starting}\n5 starting app/second#1`)).toEqual(
      ['app/second#1 starts at 5 ms while app/first, which comes before it, is still starting.'],
    );
    const failed = `${starting}\n5 start-failed app/first#1\nstarting app/second#1`;
    expect(messagesOf(needsReadyBeforeStart, root, failed)).toEqual([]);
  });
});

describe('startOrder', () => {
  it('allows one after the other, and what was ignored', () => {
    const text = `
      0 starting app#1
      starting app/a#1
      ready app/a#1
      starting app/once#1
      ignored app/once#1
      starting app/b#1`;

    expect(messagesOf(startOrder, app, text)).toEqual([]);
  });

  it('objects to one that overtakes', () => {
    const text = '0 starting app#1\nstarting app/a#1\nstarting app/once#1';

    expect(messagesOf(startOrder, app, text)).toEqual([
      'app/once starts at 0 ms before app/a, which is started before it, has been ready.',
    ]);
  });
});

describe('noStartDuringShutdown', () => {
  it('allows starts before, and of a supervisor that was restarted', () => {
    const text =
      '0 starting app#1\n1 stop-requested app#1\n2 ended app#1\nstarting app#2\nstarting app/a#1';

    expect(messagesOf(noStartDuringShutdown, app, text)).toEqual([]);
  });

  it.each(['stop-requested', 'escalated', 'auto-shutdown', 'start-failed'])(
    'objects to a start after %s above',
    (type) => {
      expect(
        messagesOf(
          noStartDuringShutdown,
          app,
          `0 starting app#1\n1 ${type} app#1\n3 starting app/a#1`,
        ),
      ).toEqual([`app/a#1 starts at 3 ms although app has been going down since 1 ms (${type}).`]);
    },
  );

  it('objects to a charge', () => {
    const text = '0 starting app#1\n1 stop-requested app#1\n3 backoff app/a#1';

    expect(messagesOf(noStartDuringShutdown, app, text)).toHaveLength(1);
  });
});

describe('noStartAfterStopped', () => {
  const finished = `
    0 starting app/once#1
    ready app/once#1
    5 ended app/once#1 {"reason":"normal"}`;

  it('allows it by a call', () => {
    expect(
      messagesOf(
        noStartAfterStopped,
        app,
        `${finished}\n7 call app/once {"call":"start"}\nstarting app/once#2`,
      ),
    ).toEqual([]);
  });

  it('objects to one that has done its work, and comes back', () => {
    expect(messagesOf(noStartAfterStopped, app, `${finished}\n7 starting app/once#2`)).toEqual([
      'app/once#2 starts at 7 ms although it has done its work since 5 ms and nobody asked for it.',
    ]);
  });

  describe('below a supervisor that comes back', () => {
    const root = supervisor('app', [supervisor('s', [a, once])]);
    const down = `
      0 starting app#1
      starting app/s#1
      starting app/s/once#1
      ready app/s/once#1
      5 ended app/s/once#1 {"reason":"normal"}`;
    const isBack = '6 ended app/s#1 {"reason":"RestartLimitExceeded"}\n7 starting app/s#2';
    const waits = 'waiting app/s/once#1\nstarting app/s/once#2';
    const check = (...lines: string[]) =>
      messagesOf(noStartAfterStopped, root, [down, ...lines].join('\n'));

    it('allows what had done its work, once it has waited for its turn', () => {
      expect(check(isBack, waits)).toEqual([]);
    });

    it('objects when it has only waited, or has done its work again', () => {
      expect(check(`7 ${waits}`)).toHaveLength(1);
      expect(
        check(
          isBack,
          waits,
          'ready app/s/once#2',
          '8 ended app/s/once#2 {"reason":"normal"}',
          'waiting app/s/once#2',
          'starting app/s/once#3',
        ),
      ).toEqual([
        'app/s/once#3 starts at 8 ms although it has done its work since 8 ms and nobody asked for it.',
      ]);
    });

    it('counts from when it was stopped, not from what was heard of it later', () => {
      const stopped = 'stopped app/s/once#1\n7 starting app/s#2\nlate app/s/once#1';

      expect(check(stopped, 'starting app/s/once#2')).toEqual([]);
      expect(check(isBack, 'stopped app/s/once#1', 'starting app/s/once#2')).toHaveLength(1);
    });
  });

  it('objects to anything after the end', () => {
    expect(
      messagesOf(noStartAfterStopped, app, '0 phase app {"phase":"stopped"}\nstarting app/a#1'),
    ).toHaveLength(1);
  });
});

describe('boundedStart', () => {
  it('allows an attempt that ends at its limit', () => {
    expect(
      messagesOf(
        boundedStart,
        app,
        '0 starting app/a#1\n10000 start-failed app/a#1\n20001 note app',
      ),
    ).toEqual([]);
  });

  it('objects to one that goes on', () => {
    expect(messagesOf(boundedStart, app, '0 starting app/a#1\n10001 ready app/a#1')).toEqual([
      'app/a#1 starts since 0 ms and still does at 10001 ms; its start limit is 10000 ms.',
    ]);
  });

  it('forgives what a blocked event loop made late', () => {
    const stall = '5 fault app {"fault":{"kind":"eventLoopStall","params":{"ms":100}}}';

    expect(
      messagesOf(boundedStart, app, `0 starting app/a#1\n${stall}\n10100 ready app/a#1`),
    ).toEqual([]);
  });
});
