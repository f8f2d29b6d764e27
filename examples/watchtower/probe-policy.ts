import { type Policy, PolicyError, policy } from 'daruma';

/** What a look at a target came to. */
export interface Finding {
  /** `impossible`: the probe itself is wrong, and says nothing about the target. */
  readonly state: 'up' | 'down' | 'impossible';
  readonly outcome: string;
}

const policies = new Map<string, Policy<Finding>>();

/**
 * How a target is asked. Each has a policy of its own: a dead one takes nobody along. Its breaker
 * outlives the restarts of the probe, and a call that fails for good is a finding, not an error.
 */
export function policyOf(target: string, timeout: number, every: number): Policy<Finding> {
  const key = `${target} ${timeout} ${every}`;
  const known = policies.get(key) ?? newPolicy(target, timeout, every);
  policies.set(key, known);
  return known;
}

function newPolicy(target: string, timeout: number, every: number): Policy<Finding> {
  return policy<string, Finding>(target, {
    timeout,
    // A hiccup is none of anybody's business.
    retry: { maxAttempts: 2, backoff: { first: Math.min(100, every / 10), jitter: 'none' } },
    // What is down for long is not asked at every look.
    breaker: { failures: 6, recovery: 3 * every },
    fallback: (error) => ({ state: 'down', outcome: outcomeOf(error) }),
  });
}

function outcomeOf(error: unknown): string {
  if (error instanceof PolicyError) {
    return error.code === 'DARUMA_CIRCUIT_OPEN' ? 'still down, not asked' : 'no answer in time';
  }
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.code ?? cause?.message ?? message;
}
