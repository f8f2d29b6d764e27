import { formatDuration, parseDuration } from '../../actors/rules/duration.ts';
import type { LeaseTerms } from '../../actors/rules/lease-timing.ts';
import { defaultService, defaultSupervisor } from '../define/defaults.ts';
import type { AnyDefinition } from '../define/definition.ts';
import type { OptionReader } from '../define/option-reader.ts';
import { isPlain } from '../define/recorded.ts';
import type { ItemSpec } from '../define/spec.ts';

const defaultLeaseMs = 15_000;

/** What giving a lease back may take, when what it is for has ended. */
export const returnWithinMs = 1_000;

/** @param reader what is wrong is reported to it */
export function readTerms(reader: OptionReader): LeaseTerms {
  const ttlMs = Math.floor(reader.duration('lease', defaultLeaseMs, { isPositive: true }));
  const marginMs = Math.floor(reader.duration('margin', ttlMs / 3));
  if (marginMs <= ttlMs / 2) return { ttlMs, marginMs };
  const problem = `it must not be more than half of the lease, ${formatDuration(ttlMs / 2)}.`;
  const hint = 'A lease is renewed at a third; what is left has to allow for a second try.';
  reader.refuse('DARUMA_INVALID_OPTION', 'margin', problem, hint);
  return { ttlMs, marginMs: Math.floor(ttlMs / 3) };
}

/** What the end of a singleton may take: that of what it runs, and giving the lease back. */
export function usualStopMs(reader: OptionReader): number {
  const ttlMs = parseDuration(reader.raw('lease')) ?? defaultLeaseMs;
  return (parseDuration(reader.raw('margin')) ?? ttlMs / 3) + returnWithinMs;
}

/** Refuses a limit that was set on purpose and cannot be kept. */
export function checkStop(
  { path, faults }: OptionReader,
  { name, stopWithinMs }: ItemSpec,
  inner: AnyDefinition,
  { ttlMs, marginMs }: LeaseTerms,
): void {
  if (stopWithinMs === 'brutal' || !isCutShort(inner, marginMs)) return;
  const [limit, margin, lease] = [stopWithinMs, marginMs, ttlMs].map(formatDuration);
  const message = `its end may take ${limit}, but it is stopped only ${margin} before the lease of ${lease} can run out.`;
  const hint = `Lower its stopWithin, or raise the lease of ${path}: it has a third of that, or its margin.`;
  faults.add('DARUMA_INVALID_STOP_WITHIN', `${path}/${name}`, message, { hint });
}

/** The definition with an end that fits: what nobody else may do meanwhile is cut off in time. */
export function endingWithin(definition: AnyDefinition, marginMs: number): AnyDefinition {
  const limitMs = stopLimitMs(definition);
  if (limitMs <= marginMs) return definition;
  const options = isPlain(definition.options) ? definition.options : {};
  const own = Object.freeze({ ...options, stopWithin: marginMs });
  return Object.freeze({ ...definition, options: own });
}

/** It has less time than it was given on purpose. */
export function isCutShort(definition: AnyDefinition, marginMs: number): boolean {
  const isSaid = isPlain(definition.options) && definition.options.stopWithin !== undefined;
  return isSaid && stopLimitMs(definition) > marginMs;
}

/** Of one that is not compiled yet; what is wrong with it is found when it is. */
function stopLimitMs({ kind, options }: AnyDefinition): number {
  const given = isPlain(options) ? options.stopWithin : undefined;
  const fallback = (kind === 'service' ? defaultService : defaultSupervisor).stopWithinMs;
  const limit = given ?? fallback;
  if (limit === 'brutal') return 0;
  return limit === 'infinity' ? Number.POSITIVE_INFINITY : (parseDuration(limit) ?? Infinity);
}
