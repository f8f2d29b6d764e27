import { describe, it } from 'vitest';
import { backoff } from './folds/backoff.ts';
import { decisionOrder } from './folds/decision-order.ts';
import { intensity } from './folds/intensity.ts';
import { startOrder } from './folds/start-order.ts';
import { holds, runsOr, timeoutOf } from './harness/holds.ts';

const timeout = timeoutOf(runsOr(200));
const emphasis = { exits: 7, acts: 2 };

describe('restarting', () => {
  it('invariant 8: in any window of a period exactly intensity restarts are charged, a group restart once', {
    timeout,
  }, async () => {
    await holds(intensity, { emphasis: { ...emphasis, stops: false }, runs: 200 });
  });

  it('invariant 9: each delay is within its policy, counts from the end, goes through the clock, and its series starts over after a stable time', {
    timeout,
  }, async () => {
    await holds(backoff, { emphasis: { ...emphasis, stops: false } });
  });

  it('invariant 10: an exit is decided by expectation, restart type, decide and budget, in this order, once all exits of the instant are there', {
    timeout,
  }, async () => {
    await holds(decisionOrder, { emphasis });
  });

  it('rules 1 and 13: nothing starts before what it needs is ready, nor out of its turn', {
    timeout,
  }, async () => {
    await holds(startOrder, { emphasis });
  });
});
