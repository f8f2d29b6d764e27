import { describe, it } from 'vitest';
import { fencing } from './folds/fencing.ts';
import { oneIncarnation } from './folds/one-incarnation.ts';
import { oneSignal } from './folds/one-signal.ts';
import { holds, runsOr, timeoutOf } from './harness/holds.ts';

const timeout = timeoutOf(runsOr(150));

describe('one incarnation', () => {
  it('invariant 1: a new incarnation starts only after the old one, its cleanup and its children are over, or it was declared unstopped', {
    timeout,
  }, async () => {
    await holds(oneIncarnation, { emphasis: { exits: 5 } });
  });

  it('invariant 2: what an incarnation that is over calls is refused, and what it reports changes nothing', {
    timeout,
  }, async () => {
    await holds(fencing, { emphasis: { exits: 5 } });
  });

  it('invariant 3: each incarnation has one signal, which is cancelled on every exit and not before', {
    timeout,
  }, async () => {
    await holds(oneSignal, {});
  });
});
