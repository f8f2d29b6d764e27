import { describe, expect, it } from 'vitest';
import { queue } from '../../src/index.ts';
import { fifoPerKey } from '../../src/testing/index.ts';
import {
  heldForOthers,
  inOrderOfKey,
  pausedIsQuiet,
  withinPerKey,
  withinRate,
} from '../../src/testing/invariants/job-order.ts';
import { workersWithinConcurrency } from '../../src/testing/invariants/job-workers.ts';
import {
  added,
  app,
  claimed,
  handler,
  kept,
  killed,
  redriven,
  settled,
  told,
  w,
} from './job-lines.ts';
import { messagesOf } from './trace-of.ts';

describe('the order and number of jobs of a key', () => {
  const fifo = w(queue('q', { perKey: 'fifo' }));
  const two = w(queue('q', { perKey: 2 }));
  const ofKey = (id: string) => added(id, { key: 'k' });
  const three = [ofKey('a'), ofKey('b'), ofKey('c')];

  it('is that of adding, also over retries', () => {
    const again = [claimed(1, 'a'), settled(2, 'a', 'retry'), claimed(3, 'a', 2)];
    const next = [settled(4, 'a', 'completed', 2), claimed(5, 'b')];
    const text = [...three, ...again, ...next].join('\n');

    expect(messagesOf(inOrderOfKey, fifo, text)).toEqual([]);
    expect(messagesOf(fifoPerKey('q'), app, text)).toEqual([]);
  });

  it.each([
    [
      [claimed(1, 'a'), claimed(2, 'b')],
      'The job b of q is claimed at 2 ms; job a of q has the same key and is running.',
    ],
    [
      [claimed(1, 'a'), settled(2, 'a', 'retry'), claimed(3, 'b')],
      'The job b of q is claimed at 3 ms; job a of q has the same key and was added before.',
    ],
    [
      [
        claimed(1, 'a'),
        settled(2, 'a', 'dead'),
        claimed(3, 'b'),
        redriven(4, 'a'),
        claimed(5, 'a', 2),
      ],
      'The job a of q is claimed at 5 ms; job b of q has the same key and is running.',
    ],
  ])('objects to %j', (lines, message) => {
    const text = [...three, ...lines].join('\n');

    expect(messagesOf(inOrderOfKey, fifo, text)).toEqual([message]);
    expect(messagesOf(fifoPerKey('q'), app, text)).toEqual([message]);
    expect(messagesOf(inOrderOfKey, app, text)).toEqual([]);
  });

  it('holds a job back for others only', () => {
    const over = [claimed(1, 'a'), settled(2, 'a', 'completed')];
    const held = kept('found', 3, 'b', { state: 'held' });
    const text = [ofKey('a'), ofKey('b'), ...over, held].join('\n');

    expect(messagesOf(heldForOthers, app, `${ofKey('c')}\n${text}`)).toEqual([]);
    expect(messagesOf(heldForOthers, app, text)).toEqual([
      "The job b of q is held back at 3 ms, and no other with key 'k' is left.",
    ]);
  });

  it('is as many at once as may', () => {
    const within = [...three, claimed(1, 'b'), claimed(1, 'c')];

    expect(messagesOf(withinPerKey, two, within.join('\n'))).toEqual([]);
    expect(messagesOf(withinPerKey, two, [...within, claimed(2, 'a')].join('\n'))).toEqual([
      "3 jobs of q with key 'k' run at 2 ms; perKey allows 2.",
    ]);
  });
});

describe('withinRate', () => {
  const limited = w(queue('q', { rateLimit: { max: 2, per: '1s' } }));
  const jobs = [added('a'), added('b'), added('c'), claimed(1, 'a'), claimed(500, 'b')];

  it('allows as many in any time as may begin', () => {
    expect(messagesOf(withinRate, limited, [...jobs, claimed(1_001, 'c')].join('\n'))).toEqual([]);
  });

  it('allows what begins after a clock was set back', () => {
    const back = claimed(700, 'c').replace('"now":700', '"now":-90000');

    expect(back).toContain('-90000');
    expect(messagesOf(withinRate, limited, [...jobs, back].join('\n'))).toEqual([]);
  });

  it('objects to one more', () => {
    expect(messagesOf(withinRate, limited, [...jobs, claimed(1_000, 'c')].join('\n'))).toEqual([
      '3 jobs of q begin within 1000 ms at 1000 ms; 2 may.',
    ]);
  });
});

describe('pausedIsQuiet', () => {
  it('objects to a claim of a queue that is paused, until it is resumed', () => {
    const lines = [added('a'), added('b'), kept('paused', 1, ''), claimed(2, 'a')];
    const resumed = [kept('resumed', 3, ''), claimed(4, 'b')];

    expect(messagesOf(pausedIsQuiet, app, [...lines, ...resumed].join('\n'))).toEqual([
      'The job a of q is claimed at 2 ms; its queue is paused since 1 ms.',
    ]);
  });
});

describe('workersWithinConcurrency', () => {
  const begin = (at: number, id: string) => `${told(at, id, 'started')}\n${handler(at, id)}`;
  const two = [begin(1, 'a'), begin(1, 'b')];
  const calledOff = (at: number) => kept('cancelled', at, 'a', { isRunning: true });

  it.each([
    ['one has returned', [handler(2, 'a', 'returned'), begin(2, 'c')]],
    ['one has been given up after its timeout', [begin(4_001, 'c')]],
    ['one has been given up after it was called off', [calledOff(2), begin(1_002, 'c')]],
    ['one was lost', [told(2, 'a', 'lost'), begin(1_002, 'c')]],
    ['the process was killed', [killed(2), begin(3, 'c')]],
    ['one was over before', [told(2, 'a', 'retrying'), begin(3, 'c')]],
  ])('allows another when %s', (_when, lines) => {
    expect(messagesOf(workersWithinConcurrency, app, [...two, ...lines].join('\n'))).toEqual([]);
  });

  it.each([
    [[begin(2, 'c')], '3 jobs of app/w run at 2 ms; it may run 2.'],
    [[calledOff(2), begin(1_001, 'c')], '3 jobs of app/w run at 1001 ms; it may run 2.'],
  ])('objects to %j', (lines, message) => {
    const text = [...two, ...lines].join('\n');

    expect(messagesOf(workersWithinConcurrency, app, text)).toEqual([message]);
  });
});
