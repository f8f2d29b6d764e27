import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Of } from './place.ts';
import { ms, violationOf } from './violation.ts';

type BreakerStatus = Of<'breaker'>['status'];

/** What a breaker may become, by what it is. It begins closed. */
const next: Readonly<Record<BreakerStatus, readonly BreakerStatus[]>> = {
  closed: ['open'],
  open: ['half-open'],
  'half-open': ['open', 'closed'],
};

/** What a trace has told of the breaker of one policy. */
interface Known {
  readonly status: BreakerStatus;
  /** The event with which it came to that. */
  readonly since: Of<'breaker'> | undefined;
  /** Probes that were admitted since, and have not ended. */
  readonly inFlight: Of<'probe'>[];
  /** How the last probe went that said something about the other side. */
  verdict: Of<'probe'> | undefined;
}

/** Remembers where every breaker stands. */
class Breakers {
  readonly #known = new Map<string, Known>();

  of(policy: string): Known {
    return (
      this.#known.get(policy) ?? {
        status: 'closed',
        since: undefined,
        inFlight: [],
        verdict: undefined,
      }
    );
  }

  take(event: TraceEvent): void {
    if (event.type === 'breaker') {
      const { policy, status } = event;
      this.#known.set(policy, { status, since: event, inFlight: [], verdict: undefined });
    } else if (event.type === 'probe') {
      const known = this.of(event.policy);
      if (event.status === 'admitted') known.inFlight.push(event);
      else known.inFlight.shift();
      if (event.status === 'succeeded' || event.status === 'failed') known.verdict = event;
    }
  }
}

const transition = violationOf('breakerTransitions');

/** `closed -> open -> half-open -> open | closed`, and never half-open before the recovery time. */
export const breakerTransitions: Invariant = {
  name: 'breakerTransitions',
  description:
    'A breaker goes from closed to open to half-open, and from there back, each for its reason and in its time.',
  kind: 'safety',
  begin(_tree, book) {
    const breakers = new Breakers();
    return {
      onEvent(event) {
        const fault = event.type === 'breaker' ? faultOf(event, breakers, book.earlyMs) : undefined;
        const { since, verdict } = breakers.of('policy' in event ? event.policy : '');
        breakers.take(event);
        return fault === undefined ? undefined : transition(event, fault, since, verdict);
      },
    };
  },
};

function faultOf(event: Of<'breaker'>, breakers: Breakers, earlyMs: number): string | undefined {
  const { policy, status, recoveryMs } = event;
  const known = breakers.of(policy);
  if (!next[known.status].includes(status)) {
    return `The breaker of ${policy} is ${status} at ${event.at} ms; it was ${known.status}.`;
  }
  if (known.status === 'open' && known.since) {
    const openMs = event.at - known.since.at;
    if (openMs >= known.since.recoveryMs - earlyMs) return undefined;
    return `The breaker of ${policy} is half open after ${ms(openMs)}; it recovers for ${ms(recoveryMs)}.`;
  }
  if (status === 'closed' && known.verdict?.status !== 'succeeded') {
    return `The breaker of ${policy} is closed at ${event.at} ms, and no probe has succeeded.`;
  }
  return undefined;
}

const admission = violationOf('breakerAdmission');

/** What is let through while a breaker is not closed is on record as a probe. */
export const breakerAdmission: Invariant = {
  name: 'breakerAdmission',
  description:
    'No call is let through while a breaker is open, and no more than its probes at a time while it is half open.',
  kind: 'safety',
  begin() {
    const breakers = new Breakers();
    return {
      onEvent(event) {
        const known = breakers.of('policy' in event ? event.policy : '');
        breakers.take(event);
        if (event.type !== 'probe' || event.status !== 'admitted') return undefined;
        const { status, since, inFlight } = known;
        if (status !== 'half-open' || !since) {
          const text = `A call of ${event.path} goes through the breaker of ${event.policy} at ${event.at} ms; it is ${status}.`;
          return admission(event, text, since);
        }
        if (inFlight.length <= since.probes) return undefined;
        const text = `${inFlight.length} probes of ${event.policy} are under way at ${event.at} ms; it admits ${since.probes}.`;
        return admission(event, text, since, ...inFlight);
      },
    };
  },
};

/** What every policy keeps. They have nothing to say about a tree that calls under none. */
export const resilienceInvariants: readonly Invariant[] = [breakerTransitions, breakerAdmission];
