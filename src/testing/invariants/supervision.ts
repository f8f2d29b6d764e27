import type { Invariant } from '../invariant.ts';
import { abortDelivered } from './abort-delivered.ts';
import { autoShutdown } from './auto-shutdown.ts';
import { backoffBounds } from './backoff-bounds.ts';
import { backoffSchedule } from './backoff-schedule.ts';
import { boundedStart } from './bounded-start.ts';
import { boundedStop } from './bounded-stop.ts';
import { resilienceInvariants } from './breakers.ts';
import { dependantStopped } from './dependant-stopped.ts';
import { escalationReachesParent } from './escalation.ts';
import { eventOrder } from './event-order.ts';
import { eventuallyReady } from './eventually-ready.ts';
import { intensity } from './intensity.ts';
import { noLivelock, noTimerLeak, noUncaught } from './leftovers.ts';
import { needsReadyBeforeStart } from './needs-ready.ts';
import { noStartAfterStopped } from './no-start-after-stopped.ts';
import { noStartDuringShutdown } from './no-start-during-shutdown.ts';
import { oneIncarnation } from './one-incarnation.ts';
import { prematureGiveUp } from './premature-give-up.ts';
import { restartTypeRespected } from './restart-type.ts';
import { shutdownCompletes } from './shutdown-completes.ts';
import { startOrder } from './start-order.ts';
import { stopOrder } from './stop-order.ts';
import { strategyRespected } from './strategy.ts';
import { taskInvariants } from './tasks.ts';

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
  noTimerLeak,
  noUncaught,
  noLivelock,
  ...resilienceInvariants,
  ...taskInvariants,
];
