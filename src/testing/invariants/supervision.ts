import type { Invariant } from '../invariant.ts';
import { abortDelivered } from './abort-delivered.ts';
import { autoShutdown } from './auto-shutdown.ts';
import { backoffBounds } from './backoff-bounds.ts';
import { backoffSchedule } from './backoff-schedule.ts';
import { boundedStart } from './bounded-start.ts';
import { boundedStop } from './bounded-stop.ts';
import { resilienceInvariants } from './breakers.ts';
import { callsAnswered } from './calls-answered.ts';
import { callsObeyed } from './calls-obeyed.ts';
import { decisionRespected } from './decision-respected.ts';
import { dependantStopped } from './dependant-stopped.ts';
import { endIsSettled } from './end-is-settled.ts';
import { escalationReachesParent } from './escalation.ts';
import { eventOrder } from './event-order.ts';
import { eventuallyReady } from './eventually-ready.ts';
import { fencedWhenOver } from './fencing.ts';
import { oneChargePerGroup } from './group-charges.ts';
import { hooksCalled } from './hooks-called.ts';
import { intensity } from './intensity.ts';
import { noLivelock, noTimerLeak, noUncaught } from './leftovers.ts';
import { needsReadyBeforeStart } from './needs-ready.ts';
import { noStartAfterStopped } from './no-start-after-stopped.ts';
import { noStartDuringShutdown } from './no-start-during-shutdown.ts';
import { oneIncarnation } from './one-incarnation.ts';
import { phasesInOrder } from './phases.ts';
import { populationBounded } from './population.ts';
import { prematureGiveUp } from './premature-give-up.ts';
import { resourcesReturned } from './resources-returned.ts';
import { restartTypeRespected } from './restart-type.ts';
import { shutdownCompletes } from './shutdown-completes.ts';
import { startFailureDecided } from './start-failure.ts';
import { startOrder } from './start-order.ts';
import { startsAtOnce } from './starts-at-once.ts';
import { stopOrder } from './stop-order.ts';
import { stoppedForAReason } from './stop-reason.ts';
import { frozenAtOnce, stopsAtOnce } from './stops-at-once.ts';
import { strategyRespected } from './strategy.ts';
import { taskInvariants } from './tasks.ts';
import { watchdogBites } from './watchdog.ts';

/** What every supervision tree keeps, whatever goes wrong in it; and what lives in it. */
export const supervisionInvariants: readonly Invariant[] = [
  eventOrder,
  oneIncarnation,
  needsReadyBeforeStart,
  startOrder,
  dependantStopped,
  stopOrder,
  intensity,
  prematureGiveUp,
  escalationReachesParent,
  restartTypeRespected,
  strategyRespected,
  oneChargePerGroup,
  autoShutdown,
  backoffBounds,
  backoffSchedule,
  boundedStart,
  boundedStop,
  noStartDuringShutdown,
  noStartAfterStopped,
  abortDelivered,
  shutdownCompletes,
  eventuallyReady,
  startsAtOnce,
  stopsAtOnce,
  frozenAtOnce,
  stoppedForAReason,
  startFailureDecided,
  decisionRespected,
  endIsSettled,
  callsObeyed,
  callsAnswered,
  phasesInOrder,
  hooksCalled,
  fencedWhenOver,
  resourcesReturned,
  watchdogBites,
  populationBounded,
  noTimerLeak,
  noUncaught,
  noLivelock,
  ...resilienceInvariants,
  ...taskInvariants,
];
