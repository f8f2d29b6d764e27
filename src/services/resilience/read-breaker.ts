import type { RateWindow, TripRule } from '../../../actors/rules/breaker-tally.ts';
import type { OptionReader } from '../../define/option-reader.ts';
import { isPlain } from '../../define/recorded.ts';
import { partOf } from './read-part.ts';
import type { BreakerSpec } from './spec.ts';

const code = 'DARUMA_INVALID_OPTION';
const counted = ['failures', 'failureRate', 'window', 'minimumCalls'] as const;
const known = [
  ...counted,
  'recovery',
  'probes',
  'successThreshold',
  'probeWithin',
  'isFailure',
] as const;

export function readBreaker(reader: OptionReader): BreakerSpec | undefined {
  const inner = partOf(reader, 'breaker', known, misplaced)?.inner;
  if (!inner) return undefined;
  const recoveryMs = inner.duration('recovery', 60_000, { isPositive: true });
  return {
    trip: readTrip(inner),
    recoveryMs,
    probes: inner.number('probes', 1, { min: 1, isWhole: true }),
    successThreshold: inner.number('successThreshold', 1, { min: 1, isWhole: true }),
    probeWithinMs: inner.duration('probeWithin', recoveryMs, { isPositive: true }),
    isFailure: inner.func<BreakerSpec['isFailure']>('isFailure', () => true),
  };
}

function readTrip(inner: OptionReader): TripRule {
  const failures = inner.number('failures', 5, { min: 1, isWhole: true });
  if (inner.has('failureRate')) return readRate(inner);
  if (inner.has('minimumCalls')) {
    inner.refuse(code, 'minimumCalls', 'it is for a failureRate.', 'Remove it.');
  }
  if (!inner.has('window')) return { kind: 'consecutive', failures };
  if (isPlain(inner.raw('window'))) {
    const hint = "window: '1m', or failureRate: 0.5 with window: { calls: 100 }.";
    inner.refuse(code, 'window', 'without a failureRate it is a duration.', hint);
    return { kind: 'consecutive', failures };
  }
  const windowMs = inner.duration('window', 60_000, { isPositive: true });
  return { kind: 'failures', failures, windowMs };
}

function readRate(inner: OptionReader): TripRule {
  if (inner.has('failures')) {
    inner.refuse(code, 'failures', 'there is a failureRate as well.', 'Keep one of the two.');
  }
  const failureRate = inner.number('failureRate', 1, { min: 0 });
  if (failureRate === 0 || failureRate > 1) {
    const hint = 'failureRate: 0.5 opens when half of the calls have failed.';
    inner.refuse(code, 'failureRate', 'it must be above 0, and at most 1.', hint);
  }
  const minimumCalls = inner.number('minimumCalls', 10, { min: 1, isWhole: true });
  const window = readWindow(inner);
  if ('calls' in window && window.calls < minimumCalls) {
    const text = `breaker.window is ${window.calls} calls, below minimumCalls, ${minimumCalls}: it would never open.`;
    inner.faults.add(code, inner.path, text, {
      hint: 'Make the window longer, or lower minimumCalls.',
    });
  }
  return { kind: 'rate', failureRate, minimumCalls, window };
}

function readWindow(inner: OptionReader): RateWindow {
  const given = inner.raw('window');
  if (!isPlain(given)) return { ms: inner.duration('window', 60_000, { isPositive: true }) };
  const window = partOf(inner, 'window', ['calls'], {}, 'breaker.');
  window?.require('calls', 'window: { calls: 100 }');
  return { calls: window?.inner.number('calls', 100, { min: 1, isWhole: true }) ?? 100 };
}

const misplaced: Readonly<Record<string, string>> = {
  threshold: "Did you mean 'failures'?",
  failureThreshold: "Did you mean 'failures'?",
  recoveryTimeout: "Did you mean 'recovery'?",
  resetTimeout: "Did you mean 'recovery'?",
  halfOpenAfter: "Did you mean 'recovery'?",
  halfOpenMaxCalls: "Did you mean 'probes'?",
  timeout: 'It is a part of the policy, beside the breaker.',
};
