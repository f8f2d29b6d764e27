import type { Outcome } from '../../actors/rules/restart.ts';
import type { MemberPolicy, SupervisorPolicy } from '../../actors/rules/roster.ts';
import type { ItemSpec, SupervisorSpec } from '../define/spec.ts';

/** The end of a start that a stop overtook. */
export const neverBegan: Outcome = {
  reason: 'shutdown',
  startFailed: false,
  unstopped: false,
  readyMs: -1,
};

/** What the chart of a supervisor has to know of one of its items. */
export function memberPolicy(id: string, spec: ItemSpec, needsReady: boolean): MemberPolicy {
  return {
    id,
    kind: spec.kind,
    restart: spec.restart,
    significant: spec.significant,
    backoff: spec.backoff,
    firstStart: spec.kind === 'service' ? spec.firstStart : 'fail',
    needsReady,
  };
}

/** What it has to know of itself. */
export function supervisorPolicy(spec: SupervisorSpec): SupervisorPolicy {
  const { strategy, order, intensity, periodMs, whenExhausted, autoShutdown, maxChildren } = spec;
  return { strategy, order, intensity, periodMs, whenExhausted, autoShutdown, maxChildren };
}
