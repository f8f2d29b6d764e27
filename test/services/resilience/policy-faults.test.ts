import { describe, expect, it } from 'vitest';
import { DefinitionError, policy } from '../../../src/index.ts';

function faultsOf(options: unknown, name = 'api'): string[] {
  try {
    policy(name, options as object);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return error.faults.map(({ path, message, hint }) => {
      return `${path}: ${message}${hint === undefined ? '' : ` ${hint}`}`;
    });
  }
  return [];
}

describe('the options of a policy', () => {
  it('are checked when it is made, and every fault is named at once', () => {
    const options = {
      timeout: 'soon',
      retry: { maxAttempts: 0, maxRetries: 3, backoff: { first: '1m', factor: 0.5 } },
      breaker: { failures: 5, failureRate: 2, probes: 0, halfOpenAfter: '1s' },
      bulkhead: {},
      rateLimit: { limit: 1.5 },
      fallback: 'nothing',
      concurrency: 3,
    };

    expect(faultsOf(options).join('\n')).toMatchInlineSnapshot(`
      "api: there is no option concurrency. It is an option of bulkhead: { concurrency: 10 }.
      api: timeout is 'soon'; that is not a duration. Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'.
      api: there is no option retry.maxRetries. maxAttempts counts the first attempt too: maxRetries: 2 is maxAttempts: 3.
      api: retry.maxAttempts is 0; it must be a whole number, 1 or more.
      api: retry.backoff.factor is 0.5; it must be a number, 1 or more.
      api: retry.backoff.max is 30s, its default, below retry.backoff.first, 1m. No delay is longer than max: raise max, or lower first.
      api: there is no option breaker.halfOpenAfter. Did you mean 'recovery'?
      api: breaker.failures is 5; there is a failureRate as well. Keep one of the two.
      api: breaker.failureRate is 2; it must be above 0, and at most 1. failureRate: 0.5 opens when half of the calls have failed.
      api: breaker.probes is 0; it must be a whole number, 1 or more.
      api: bulkhead.concurrency is missing. bulkhead: { concurrency: 10, queue: 100 }
      api: rateLimit.per is missing. rateLimit: { limit: 100, per: '1s' }
      api: rateLimit.limit is 1.5; it must be a whole number, 1 or more.
      api: fallback is 'nothing'; it must be a function."
    `);
  });

  it.each([
    ['no parts', {}],
    ['no object', 5],
    ['a list', [1]],
    ['undefined parts only', { retry: undefined }],
    ['a number for a part', { breaker: 5 }],
    ['a total below the attempt', { timeout: { attempt: '5s', total: '2s' } }],
    ['a timeout of no length', { timeout: 0 }],
    ['a window that never fills', { breaker: { failureRate: 0.5, window: { calls: 5 } } }],
    ['a rate of nothing', { breaker: { failureRate: 0 } }],
    ['minimumCalls without a rate', { breaker: { minimumCalls: 5 } }],
    ['a window of calls without a rate', { breaker: { window: { calls: 5 } } }],
    ['a window of nothing', { breaker: { failureRate: 0.5, window: {} } }],
    ['no recovery', { breaker: { recovery: 0 } }],
    ['a negative queue', { bulkhead: { concurrency: 1, queue: -1 } }],
    ['no time', { rateLimit: { limit: 1, per: 0 } }],
  ])('are refused: %s', (_name, options) => {
    expect(faultsOf(options)).toMatchSnapshot();
  });

  it('are fine in every form that is documented', () => {
    const forms = [
      { timeout: 500 },
      { timeout: { total: '10s' } },
      { retry: {} },
      { breaker: {} },
      { breaker: { failures: 3, window: '30s' } },
      { breaker: { failureRate: 1 } },
      { breaker: { failureRate: 0.25, window: { calls: 100 }, minimumCalls: 20 } },
      { bulkhead: { concurrency: 1 } },
      { rateLimit: { limit: 1, per: '1s', maxWait: 'infinity' } },
      { fallback: () => 1 },
    ];

    expect(forms.flatMap((options) => faultsOf(options))).toEqual([]);
  });

  it('need a name as places do', () => {
    expect(faultsOf({ retry: {} }, 'a/b')).toEqual(["a/b: its name 'a/b' contains a /."]);
  });
});
