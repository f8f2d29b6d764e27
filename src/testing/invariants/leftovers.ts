import { intensityFor } from '../../../actors/rules/intensity.ts';
import type { SupervisorSpec } from '../../define/spec.ts';
import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { violationOf } from './violation.ts';

const timerLeak = violationOf('noTimerLeak');
const uncaughtError = violationOf('noUncaught');
const livelock = violationOf('noLivelock');

/** Design 2.12. */
export const noTimerLeak: Invariant = {
  name: 'noTimerLeak',
  description: 'When the system is down, no timer is armed any more.',
  kind: 'safety',
  needs: ['whole-run'],
  begin(_tree, book) {
    return {
      onEvent(event) {
        if (event.type !== 'finished' || event.isLivelock || event.pendingTimers === 0) {
          return undefined;
        }
        if (book.cutOff) return undefined;
        const { pendingTimers: count, leaks = [] } = event;
        const which = leaks.length > 0 ? `: ${leaks.join(', ')}` : '';
        const what = count === 1 ? '1 timer is' : `${count} timers are`;
        return timerLeak(event, `${what} still armed after the end${which}.`);
      },
    };
  },
};

/** What a plan throws out of the process on purpose begins like this. */
const onPurpose = 'injected:';

/** Design 2.4. */
export const noUncaught: Invariant = {
  name: 'noUncaught',
  description: 'No error reaches the process, but those that a plan sends there on purpose.',
  kind: 'safety',
  begin(tree, book) {
    return {
      onEvent(event) {
        const message = strayMessage(event, tree.root.name);
        if (message === undefined || message.includes(onPurpose)) return undefined;
        return uncaughtError(
          event,
          `An error reached the process at ${event.at} ms: ${message}`,
          book.place(event.path).last,
        );
      },
    };
  },
};

/** Of an error that belongs to no child: after the end, or while the system is up. */
function strayMessage(event: TraceEvent, root: string): string | undefined {
  if (event.type === 'uncaught') return event.message;
  return event.type === 'stray-error' && event.path === root ? event.error.message : undefined;
}

/** Events that one instant may have, for each place of the tree and at least. */
const perPlace = 200;
const atLeast = 1_000;
/** The same for each restart without a delay that budgets within budgets allow, and at most. */
const perRestart = 20;
const mostRestarts = 5_000;

/**
 * Restarts within one instant where budgets multiply: each life of a supervisor has its whole budget.
 * A large budget alone is no reason to spin.
 */
function restartsAtOnce({ children, template, intensity }: SupervisorSpec, lives = 1): number {
  const below = template ? [...children, template] : children;
  const isAtOnce = below.some(({ backoff }) => backoff.firstMs === 0 || backoff.maxMs === 0);
  const budget = isAtOnce ? (intensity ?? intensityFor(below.length)) : 0;
  const livesBelow = Math.min(lives * (1 + budget), mostRestarts);
  const within = below.map((child) =>
    child.kind === 'supervisor' ? restartsAtOnce(child, livesBelow) : 0,
  );
  return within.reduce((sum, each) => sum + each, lives > 1 ? lives * budget : 0);
}

/** A tree that spins without time moving on, or that never gets anywhere. */
export const noLivelock: Invariant = {
  name: 'noLivelock',
  description:
    'A run fires a bounded number of timers, and an instant has a bounded number of events.',
  kind: 'safety',
  begin(tree) {
    const ofRestarts = perRestart * Math.min(mostRestarts, restartsAtOnce(tree.root));
    const most = atLeast + perPlace * tree.items.size + ofRestarts;
    let at = -1;
    let count = 0;
    return {
      onEvent(event) {
        if (event.type === 'finished' && event.isLivelock) {
          return livelock(event, `The run does not come to an end: it is cut at ${event.at} ms.`);
        }
        if (event.at !== at) {
          at = event.at;
          count = 0;
        }
        count++;
        if (count !== most) return undefined;
        return livelock(event, `${count} events at ${at} ms, and time does not move on.`);
      },
    };
  },
};
