import { describe, expect, it } from 'vitest';
import { atMostOnce, effectivelyOnce } from '../../src/testing/index.ts';
import { leaseExclusive } from '../../src/testing/invariants/job-leases.ts';
import { completedOnce, triedOnce } from '../../src/testing/invariants/job-once.ts';
import {
  boundedAttempts,
  deadLetterHasReason,
  jobsNeverLost,
} from '../../src/testing/invariants/jobs-kept.ts';
import {
  added,
  app,
  claimed,
  found,
  handler,
  kept,
  killed,
  lost,
  redriven,
  settled,
  told,
} from './job-lines.ts';
import { messagesOf } from './trace-of.ts';

const second = 1_000;

describe('jobsNeverLost', () => {
  it.each([
    [
      'that ended',
      [claimed(1, 'a'), settled(2, 'a', 'completed'), found(3, 'a', 'completed', { attempt: 1 })],
    ],
    ['that waits', [found(3, 'a', 'held')]],
    ['that waits after the process was killed', [killed(2), found(2, 'a', 'ready')]],
    ['that was given back', [claimed(1, 'a'), settled(2, 'a', 'released'), found(3, 'a', 'ready')]],
    [
      'that nobody has to know any more',
      [claimed(1, 'a'), settled(2, 'a', 'completed', 1, { keepMs: 5 }), found(7, 'a', null)],
    ],
    [
      'that was dead, and was forgotten by hand',
      [claimed(1, 'a'), settled(2, 'a', 'dead'), kept('discarded', 3, 'a'), found(4, 'a', null)],
    ],
    [
      'whose end is told',
      [claimed(1, 'a'), settled(2, 'a', 'completed'), told(2, 'a', 'completed')],
    ],
  ])('allows one %s', (_which, lines) => {
    expect(messagesOf(jobsNeverLost, app, [added('a'), ...lines].join('\n'))).toEqual([]);
  });

  it.each([
    ['is not there', [found(3, 'a', null)], 'The job a of q is not there at 3 ms; it was waiting.'],
    [
      'is not there after the process was killed',
      [killed(2), found(2, 'a', null)],
      'The job a of q is not there at 2 ms; it was waiting.',
    ],
    [
      'was forgotten too early',
      [claimed(1, 'a'), settled(2, 'a', 'completed', 1, { keepMs: 5 }), found(6, 'a', null)],
      'The job a of q is not there at 6 ms; it was completed.',
    ],
    [
      'is somewhere else',
      [claimed(1, 'a'), settled(2, 'a', 'completed'), found(3, 'a', 'ready', { attempt: 1 })],
      'The job a of q is ready at 3 ms (attempt 1); it was completed (attempt 1).',
    ],
    [
      'goes on after its end',
      [claimed(1, 'a'), settled(2, 'a', 'completed'), claimed(3, 'a', 2)],
      'The job a of q is claimed at 3 ms, where it is completed.',
    ],
    [
      'is said to have ended',
      [claimed(1, 'a'), told(2, 'a', 'completed')],
      'Job a of q is said to be completed at 2 ms; it is active.',
    ],
  ])('objects to one that %s', (_which, lines, message) => {
    expect(messagesOf(jobsNeverLost, app, [added('a'), ...lines].join('\n'))).toEqual([message]);
  });

  it('objects to one that was acknowledged and is not stored', () => {
    expect(messagesOf(jobsNeverLost, app, told(1, 'a', 'added', 0))).toEqual([
      'Job a of q is said to be added at 1 ms; it is not stored.',
    ]);
  });
});

describe('leaseExclusive', () => {
  const renewed = (at: number, id: string, rest: object = {}) =>
    kept('renewed', at, id, { fence: 1, leaseUntil: at + second, ...rest });

  it.each([
    [
      'is lost when its lease has run out',
      [claimed(1, 'a'), lost(1_001, 'a'), claimed(1_001, 'a', 2)],
    ],
    ['is renewed', [claimed(1, 'a'), renewed(900, 'a'), handler(1_200, 'a')]],
    [
      'is lost by the time of day',
      [claimed(1, 'a'), lost(2, 'a', { now: 9_999 }), handler(3, 'a')],
    ],
    [
      'is lost because somebody else has ended its lease',
      [claimed(1, 'a'), renewed(2, 'a', { leaseUntil: 2 }), lost(2, 'a'), handler(3, 'a')],
    ],
    [
      'is settled by a claim that is not current, which does not count',
      [claimed(1, 'a'), settled(2, 'a', 'completed', 9, { state: null })],
    ],
  ])('allows a job that %s', (_which, lines) => {
    expect(messagesOf(leaseExclusive, app, [added('a'), ...lines].join('\n'))).toEqual([]);
  });

  it.each([
    [
      'is taken away',
      [claimed(1, 'a'), lost(900, 'a')],
      'The job a of q is taken away at 900 ms; its lease lasts 101 ms more.',
    ],
    [
      'is given to two',
      [claimed(1, 'a'), claimed(2, 'a', 2)],
      'The job a of q is taken away at 2 ms; its lease lasts 999 ms more.',
    ],
    [
      'has the same fence twice',
      [claimed(1, 'a'), settled(2, 'a', 'retry'), claimed(3, 'a', 1)],
      'The job a of q is claimed with fence 1 at 3 ms, after 1.',
    ],
    [
      'is settled by an old claim',
      [
        claimed(1, 'a'),
        lost(2_000, 'a'),
        claimed(2_000, 'a', 2),
        settled(2_001, 'a', 'completed', 1),
      ],
      'The job a of q is settled by claim 1 at 2001 ms; claim 2 is current.',
    ],
    [
      'is begun when its lease has run out',
      [claimed(1, 'a'), lost(1_001, 'a'), handler(1_002, 'a')],
      'A handler of app/w begins attempt 1 of job a of q at 1002 ms, without a lease that lasts: the job is waiting in attempt 1.',
    ],
    [
      'is begun when its lease has run out, although nobody has noticed that yet',
      [claimed(1, 'a'), handler(1_002, 'a')],
      'A handler of app/w begins attempt 1 of job a of q at 1002 ms, without a lease that lasts: the job is active in attempt 1.',
    ],
  ])('objects to a job that %s', (_which, lines, message) => {
    expect(messagesOf(leaseExclusive, app, [added('a'), ...lines].join('\n'))).toEqual([message]);
  });
});

describe('completedOnce', () => {
  it('allows one completion, and one that is refused', () => {
    const lines = [added('a'), claimed(1, 'a'), settled(2, 'a', 'completed', 1, { writes: 3 })];
    const refused = settled(3, 'a', 'completed', 1, { state: null });

    expect(messagesOf(completedOnce, app, [...lines, refused].join('\n'))).toEqual([]);
  });

  it.each([
    [
      'a second one',
      [settled(2, 'a', 'completed'), settled(3, 'a', 'completed')],
      'Job a of q is completed at 3 ms for the second time.',
    ],
    [
      'one that is told twice',
      [settled(2, 'a', 'completed'), told(2, 'a', 'completed'), told(4, 'a', 'completed')],
      'Job a of q completes at 4 ms for the second time.',
    ],
    [
      'what is written beside one that does not count',
      [settled(2, 'a', 'completed', 1, { state: null, writes: 1 })],
      'A transaction of job a of q has written at 2 ms, and its completion does not count.',
    ],
  ])('objects to %s', (_what, lines, message) => {
    const text = [added('a'), claimed(1, 'a'), ...lines].join('\n');

    expect(messagesOf(completedOnce, app, text)).toEqual([message]);
  });
});

describe('jobs that begin once', () => {
  const twice = [handler(1, 'a'), handler(2, 'a', 'threw'), handler(3, 'a', 'begun', 2)];
  const once = 'The handler of job a of q begins at 3 ms for the second time.';

  it('are those with one attempt', () => {
    const one = added('a', { maxAttempts: 1 });

    expect(messagesOf(triedOnce, app, [one, ...twice].join('\n'))).toEqual([once]);
    expect(messagesOf(triedOnce, app, [added('a'), ...twice].join('\n'))).toEqual([]);
  });

  it('may begin again when they were given back unharmed, or redriven', () => {
    const one = added('a', { maxAttempts: 1 });
    for (const between of [settled(2, 'a', 'released'), redriven(2, 'a')]) {
      const lines = [one, claimed(1, 'a'), handler(1, 'a'), between, handler(3, 'a')];
      expect(messagesOf(triedOnce, app, lines.join('\n'))).toEqual([]);
    }
  });

  it('may not begin again after the process was killed', () => {
    const lines = [added('a', { maxAttempts: 1 }), handler(1, 'a'), killed(2), handler(3, 'a')];

    expect(messagesOf(triedOnce, app, lines.join('\n'))).toEqual([once]);
  });

  it('are those of a queue that somebody says so of', () => {
    const text = [added('a'), ...twice].join('\n');

    expect(messagesOf(atMostOnce('q'), app, text)).toEqual([once]);
    expect(messagesOf(atMostOnce('other'), app, text)).toEqual([]);
  });

  it('are those whose handler has returned', () => {
    const again = [handler(1, 'a'), handler(2, 'a', 'returned'), handler(3, 'a', 'begun', 2)];

    expect(messagesOf(effectivelyOnce('q'), app, twice.join('\n'))).toEqual([]);
    expect(messagesOf(effectivelyOnce('q'), app, again.join('\n'))).toEqual([
      'A handler of job a of q begins at 3 ms, after one that returned.',
    ]);
  });
});

describe('boundedAttempts', () => {
  it.each([
    ['another', [claimed(1, 'a'), settled(2, 'a', 'retry'), claimed(3, 'a', 2)]],
    ['that was given back', [claimed(1, 'a'), settled(2, 'a', 'released'), claimed(3, 'a')]],
    [
      'of one that is redriven',
      [claimed(1, 'a'), settled(2, 'a', 'dead'), redriven(3, 'a'), claimed(4, 'a', 1)],
    ],
  ])('allows an attempt %s', (_which, lines) => {
    expect(messagesOf(boundedAttempts, app, [added('a'), ...lines].join('\n'))).toEqual([]);
  });

  it.each([
    [
      'too many',
      [
        claimed(1, 'a'),
        lost(2_000, 'a'),
        claimed(2_001, 'a', 2),
        lost(4_000, 'a'),
        claimed(4_001, 'a', 3),
      ],
      'The job a of q begins attempt 3 at 4001 ms; it has 2.',
    ],
    [
      'that counts what was given back',
      [claimed(1, 'a'), settled(2, 'a', 'released'), claimed(3, 'a', 2)],
      'The job a of q begins attempt 2 at 3 ms, after 0 that count.',
    ],
    [
      'that does not count the one before',
      [claimed(1, 'a'), lost(2_000, 'a'), claimed(2_001, 'a', 1)],
      'The job a of q begins attempt 1 at 2001 ms, after 1 that count.',
    ],
  ])('objects to one %s', (_which, lines, message) => {
    expect(messagesOf(boundedAttempts, app, [added('a'), ...lines].join('\n'))).toEqual([message]);
  });
});

describe('deadLetterHasReason', () => {
  const dead = (rest: object) =>
    [added('a'), claimed(1, 'a'), settled(2, 'a', 'dead'), found(3, 'a', 'dead', rest)].join('\n');

  it('allows a reason with an error', () => {
    const rest = { attempt: 1, reason: 'not-retryable', hasError: true };

    expect(messagesOf(deadLetterHasReason, app, dead(rest))).toEqual([]);
  });

  it.each([
    [{ hasError: true }, 'The job a of q is dead at 3 ms and has no reason.'],
    [{ reason: 'not-retryable' }, 'The job a of q is dead at 3 ms and has no error.'],
    [
      { reason: 'exhausted', hasError: true },
      'The job a of q is dead after attempt 1 of 2 (exhausted).',
    ],
  ])('objects to %j', (rest, message) => {
    expect(messagesOf(deadLetterHasReason, app, dead(rest))).toEqual([message]);
  });
});
