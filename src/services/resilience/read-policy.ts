import { formatDuration } from '../../../actors/rules/duration.ts';
import { Faults } from '../../define/faults.ts';
import { faultOfName } from '../../define/names.ts';
import { OptionReader } from '../../define/option-reader.ts';
import { isPlain } from '../../define/recorded.ts';
import { show } from '../../define/show.ts';
import { readBreaker } from './read-breaker.ts';
import { never, type Part, partOf } from './read-part.ts';
import type { BulkheadSpec, PolicySpec, RateLimitSpec, RetrySpec } from './spec.ts';

const parts = ['timeout', 'retry', 'breaker', 'bulkhead', 'rateLimit', 'fallback'] as const;
const code = 'DARUMA_INVALID_OPTION';

/**
 * The spec that the options of a policy make.
 *
 * @throws DefinitionError with everything that is wrong with them
 */
export function readPolicy(name: string, options: unknown): PolicySpec {
  const faults = new Faults();
  const fault = faultOfName(name);
  if (fault) faults.add('DARUMA_INVALID_NAME', String(name), `its name ${fault}.`);
  if (!isPlain(options)) {
    faults.add(code, String(name), `its options are ${show(options)}; they must be an object.`);
  }
  const reader = new OptionReader(isPlain(options) ? options : {}, String(name), faults);
  reader.refuseUnknown(parts, misplaced);
  if (isPlain(options) && reader.names().length === 0) {
    faults.add(code, reader.path, 'it does nothing: it has no part.', {
      hint: `Parts: ${parts.join(', ')}.`,
    });
  }
  const spec: PolicySpec = {
    name,
    ...readTimeout(reader),
    retry: readRetry(reader),
    breaker: readBreaker(reader),
    bulkhead: readBulkhead(reader),
    rateLimit: readRateLimit(reader),
    fallback: reader.func('fallback', undefined),
  };
  faults.throwIfAny();
  return Object.freeze(spec);
}

function readTimeout(reader: OptionReader): Pick<PolicySpec, 'attemptMs' | 'totalMs'> {
  const isPositive = true;
  if (!isPlain(reader.raw('timeout'))) {
    return { attemptMs: reader.duration('timeout', never, { isPositive }), totalMs: never };
  }
  const { inner } = partOf(reader, 'timeout', ['attempt', 'total']) as Part;
  const attemptMs = inner.duration('attempt', never, { isPositive });
  const totalMs = inner.duration('total', never, { isPositive });
  if (totalMs < attemptMs && attemptMs < never) {
    const [attempt, total] = [formatDuration(attemptMs), formatDuration(totalMs)];
    inner.faults.add(
      code,
      inner.path,
      `timeout.attempt is ${attempt}, above the total, ${total}.`,
      {
        hint: 'The total counts all attempts: raise it, or lower the limit of one attempt.',
      },
    );
  }
  return { attemptMs, totalMs };
}

function readRetry(reader: OptionReader): RetrySpec | undefined {
  const names = ['maxAttempts', 'backoff', 'retryable'];
  const part = partOf(reader, 'retry', names, misplacedInRetry);
  if (!part) return undefined;
  const { inner } = part;
  return {
    maxAttempts: inner.number('maxAttempts', 3, { min: 1, isWhole: true }),
    backoff: readDelays(inner),
    retryable: inner.func<RetrySpec['retryable']>('retryable', () => true),
  };
}

function readDelays(retry: OptionReader): RetrySpec['backoff'] {
  const inner =
    partOf(
      retry,
      'backoff',
      ['first', 'max', 'factor', 'jitter'],
      {
        resetAfter: 'Every call begins a new series of delays.',
        initial: "Did you mean 'first'?",
        delay: "Did you mean 'first'?",
      },
      'retry.',
    )?.inner ?? new OptionReader({}, retry.path, retry.faults);
  const invalid = 'DARUMA_INVALID_BACKOFF';
  const backoff = {
    firstMs: inner.duration('first', 100),
    maxMs: inner.duration('max', 30_000),
    factor: inner.number('factor', 2, { min: 1, code: invalid }),
    jitter: inner.choice('jitter', ['full', 'equal', 'none'], 'full', invalid),
  };
  if (backoff.maxMs < backoff.firstMs) {
    const [first, max] = [formatDuration(backoff.firstMs), formatDuration(backoff.maxMs)];
    const origin = inner.has('max') ? '' : ', its default';
    const message = `retry.backoff.max is ${max}${origin}, below retry.backoff.first, ${first}.`;
    inner.faults.add(invalid, inner.path, message, {
      hint: 'No delay is longer than max: raise max, or lower first.',
    });
  }
  return backoff;
}

function readBulkhead(reader: OptionReader): BulkheadSpec | undefined {
  const part = partOf(reader, 'bulkhead', ['concurrency', 'queue'], {
    maxConcurrent: "Did you mean 'concurrency'?",
    limit: "Did you mean 'concurrency'?",
  });
  if (!part) return undefined;
  part.require('concurrency', 'bulkhead: { concurrency: 10, queue: 100 }');
  return {
    concurrency: part.inner.number('concurrency', 1, { min: 1, isWhole: true }),
    queue: part.inner.number('queue', 0, { min: 0, isWhole: true }),
  };
}

function readRateLimit(reader: OptionReader): RateLimitSpec | undefined {
  const part = partOf(reader, 'rateLimit', ['limit', 'per', 'maxWait'], {
    interval: "Did you mean 'per'?",
    period: "Did you mean 'per'?",
  });
  if (!part) return undefined;
  const { inner } = part;
  for (const name of ['limit', 'per']) part.require(name, "rateLimit: { limit: 100, per: '1s' }");
  return {
    limit: inner.number('limit', 1, { min: 1, isWhole: true }),
    perMs: inner.duration('per', 1_000, { isPositive: true }),
    maxWaitMs: inner.duration('maxWait', 10_000, { words: { infinity: never } }),
  };
}

const misplacedInRetry: Readonly<Record<string, string>> = {
  maxRetries: 'maxAttempts counts the first attempt too: maxRetries: 2 is maxAttempts: 3.',
  retries: 'maxAttempts counts the first attempt too: retries: 2 is maxAttempts: 3.',
  attempts: "Did you mean 'maxAttempts'?",
  jitter: 'It is an option of retry.backoff.',
};

const misplaced: Readonly<Record<string, string>> = {
  maxAttempts: 'It is an option of retry: { maxAttempts: 3 }.',
  maxRetries: 'Attempts are counted, the first one too: retry: { maxAttempts: 3 }.',
  backoff: 'It is an option of retry: { backoff: { ... } }.',
  circuitBreaker: "Did you mean 'breaker'?",
  concurrency: 'It is an option of bulkhead: { concurrency: 10 }.',
};
