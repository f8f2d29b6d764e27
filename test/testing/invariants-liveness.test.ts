import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { Book } from '../../src/testing/invariants/book.ts';
import { always, eventually, isSometimes, sometimes } from '../../src/testing/invariants/custom.ts';
import { eventuallyReady } from '../../src/testing/invariants/eventually-ready.ts';
import {
  fixpoint,
  monotonicTime,
  settledStates,
} from '../../src/testing/invariants/metamorphic.ts';
import { supervisionInvariants } from '../../src/testing/invariants/supervision.ts';
import { messagesOf, traceOf, treeOf } from './trace-of.ts';

const db = service('db', async () => {});
const api = service('api', { needs: { db } }, async () => {});
const job = service('job', { restart: 'transient' }, async () => {});
const app = supervisor('app', [db, api, job]);

const up = [
  '0 starting app#1',
  ...['db', 'api', 'job'].flatMap((id) => [`starting app/${id}#1`, `ready app/${id}#1`]),
  'ready app#1',
].join('\n');
const stop = '60000 call app {"call":"stop"}';

describe('eventuallyReady', () => {
  it.each([
    ['everything runs', ''],
    ['one has done its work', '5 ended app/job#1 {"reason":"normal"}'],
    [
      'a delay is not over',
      '59999 ended app/db#1 {"reason":"error"}\nbackoff app/db#1 {"delayMs":500}\nsuspended app/api#1',
    ],
    [
      'the event loop stands still before anything is decided',
      '59995 fault app {"fault":{"kind":"eventLoopStall","params":{"ms":10}}}\n59995 ended app/db#1 {"reason":"error"}',
    ],
    [
      'a need is on its way',
      '59999 ended app/db#1 {"reason":"error"}\nended app/api#1\nsuspended app/api#1\nstarting app/db#2',
    ],
    [
      'it was stopped by hand',
      '5 call app/db {"call":"stop"}\nended app/db#1\nended app/api#1\nsuspended app/api#1',
    ],
  ])('allows that %s', (_what, text) => {
    expect(messagesOf(eventuallyReady, app, `${up}\n${text}\n${stop}`)).toEqual([]);
  });

  it.each([
    [
      'a restart that never comes',
      '5 ended app/db#1 {"reason":"error"}',
      /app\/db does not run at 60000 ms: it is ended/,
    ],
    [
      'a delay that is long over',
      '5 ended app/db#1 {"reason":"error"}\nbackoff app/db#1 {"delayMs":500}',
      /delay was over at 505 ms/,
    ],
    [
      'a dependant that is not resumed',
      '5 ended app/api#1\nsuspended app/api#1',
      /app\/api does not run/,
    ],
  ])('objects to %s', (_what, text, message) => {
    expect(messagesOf(eventuallyReady, app, `${up}\n${text}\n${stop}`)).toEqual([
      expect.stringMatching(message),
    ]);
  });

  describe('of one that needs work to be done again', () => {
    const work = service('work', { restart: 'transient' }, async () => {});
    const last = service('last', { needs: { work } }, async () => {});
    const root = supervisor('app', [
      supervisor('base', { strategy: 'rest-for-one' }, [db, work]),
      supervisor('top', [last]),
    ]);
    const begun = `
      0 starting app#1
      ${['base', 'base/db', 'base/work', 'top'].map((id) => `starting app/${id}#1\nready app/${id}#1`).join('\n')}
      ready app#1
      5 ended app/base/work#1 {"reason":"normal"}`;
    const lost = '59999 ended app/base/db#1 {"reason":"error"}';
    const charged = 'backoff app/base/db#1 {"delayMs":500}';
    const check = (...lines: string[]) =>
      messagesOf(eventuallyReady, root, [begun, ...lines, stop].join('\n'));

    it('allows that it waits while the group of that work goes down and comes back', () => {
      expect(check(lost, charged, 'waiting app/top/last#0')).toEqual([]);
      expect(check(lost, charged, 'waiting app/base/work#1', 'waiting app/top/last#0')).toEqual([]);
    });

    it('objects when the work is done, or waits for nothing', () => {
      expect(check('waiting app/top/last#0')).toEqual([
        'app/top/last does not run at 60000 ms: it is waiting, and nothing is in its way.',
      ]);
      expect(check('waiting app/base/work#1', 'waiting app/top/last#0')).toEqual([
        'app/base/work does not run at 60000 ms: it is waiting, and nothing is in its way.',
      ]);
    });

    it('objects when nobody takes that work along', () => {
      const reversed = supervisor('app', [
        supervisor('base', { strategy: 'rest-for-one' }, [work, db]),
        supervisor('top', [last]),
      ]);
      const text = [begun, lost, charged, 'waiting app/top/last#0', stop].join('\n');

      expect(messagesOf(eventuallyReady, reversed, text)).toEqual([
        'app/top/last does not run at 60000 ms: it is waiting, and nothing is in its way.',
      ]);
    });
  });

  it('objects to a supervisor that starts for ever', () => {
    const never = up.replace('\nready app#1', '');
    const root = supervisor('top', [app]);
    const text = `0 starting top#1\n${never}`.replaceAll(' app', ' top/app');

    expect(messagesOf(eventuallyReady, root, `${text}\n60000 call top`)).toEqual([
      'top/app does not run at 60000 ms: all its items are up, and it is still starting.',
    ]);
  });
});

describe('invariants of users', () => {
  it('always', () => {
    const one = always('never unstopped', ({ type }) => type !== 'unstopped');

    expect(messagesOf(one, app, up)).toEqual([]);
    expect(messagesOf(one, app, `${up}\n5 unstopped app/db#1`)).toEqual([
      "'never unstopped' does not hold at 5 ms, at 'unstopped' of app/db.",
    ]);
  });

  it('eventually', () => {
    const one = eventually('ready', 100, ({ type, path }) => type === 'ready' && path === 'app');

    expect(messagesOf(one, app, up)).toEqual([]);
    expect(messagesOf(one, app, '0 starting app#1\n101 ready app#1')).toHaveLength(1);
    expect(messagesOf(one, app, '0 starting app#1')).toHaveLength(1);
  });

  it('sometimes is never violated, and can be told from the others', () => {
    const one = sometimes('escalated', ({ type }) => type === 'escalated');

    expect(messagesOf(one, app, up)).toEqual([]);
    expect(isSometimes(one)).toBe(true);
    expect(supervisionInvariants.some(isSometimes)).toBe(false);
  });
});

describe('two runs', () => {
  const tree = treeOf(app);

  it('come to rest in the same states', () => {
    const other = traceOf(`${up}\n5 ended app/db#1 {"reason":"error"}\n${stop}`);

    expect(settledStates(tree, traceOf(`${up}\n${stop}`)).get('app/db')).toBe('running');
    expect(fixpoint(tree, traceOf(up), traceOf(`${up}\n${stop}`))).toBeUndefined();
    expect(fixpoint(tree, traceOf(up), other)?.message).toBe(
      'app/db is running after a fresh boot, and ended after another one.',
    );
  });

  it('are the same whatever the time of day', () => {
    const jumped = `0 fault app {"fault":{"kind":"clockJump"}}\n${up}`;

    expect(monotonicTime(traceOf(up), traceOf(jumped))).toBeUndefined();
    expect(monotonicTime(traceOf(up), traceOf(`${jumped}\n5 ended app/db#1`))).toMatchObject({
      at: 5,
    });
    expect(monotonicTime(traceOf(`${up}\n5 ended app/db#1`), traceOf(jumped))).toBeDefined();
  });
});

describe('the library', () => {
  it('has names and sentences of its own', () => {
    const names = supervisionInvariants.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
    expect(supervisionInvariants.filter(({ description }) => !description.endsWith('.'))).toEqual(
      [],
    );
  });

  it('keeps one book for all of them', () => {
    const book = new Book(treeOf(app));
    for (const event of traceOf(up)) book.take(event);

    expect(book.place('app/api')).toMatchObject({ state: 'running', incarnation: 1 });
    expect(book.dependantsOf('app/db').map(({ path }) => path)).toEqual(['app/api']);
    expect([...book.childrenOf('app')]).toEqual(['app/db', 'app/api', 'app/job']);
  });
});
