import type { ItemSpec } from '../define/spec.ts';
import { batteryKind, type SchedulePolicy } from '../services/schedules/policy.ts';
import type { TraceEvent } from './trace.ts';

export function isSchedule(spec: ItemSpec | undefined): boolean {
  return policyOf(spec) !== undefined;
}

/** What a schedule was told; undefined for everything else. */
export function policyOf(spec: ItemSpec | undefined): SchedulePolicy | undefined {
  if (spec?.kind !== 'service' || spec.body.kind !== 'hooks') return undefined;
  const { battery } = spec.body;
  return battery?.kind === batteryKind ? (battery.policy as unknown as SchedulePolicy) : undefined;
}

export type RunEvent = Extract<TraceEvent, { type: 'schedule-run' }>;
export type SkipEvent = Extract<TraceEvent, { type: 'schedule-skipped' }>;
