import { type Duration, formatDuration, parseDuration } from '../../../actors/rules/duration.ts';
import type { Context } from '../../define/context.ts';
import type { HealthAnswer } from '../../define/health-check.ts';
import type { AnyQueue } from '../../define/queue.ts';
import { backstage } from '../../kernel/backstage.ts';
import { MetricsFacility } from '../metrics/facility.ts';
import type { ProcessReadings } from '../metrics/process.ts';

/** A health check that needs nothing but the context. */
export type ReadyMadeCheck = (ctx: unknown) => HealthAnswer;

const mib = 1024 * 1024;

/** Degraded while the heap of the process holds more. @param bytes such as `500 * 1024 * 1024` */
export function heapBelow(bytes: number): ReadyMadeCheck {
  mustBePositive('heapBelow', bytes);
  return (ctx) => {
    const { heapUsedBytes } = readingsOf(ctx);
    if (heapUsedBytes <= bytes) return 'healthy';
    const reason = `heap ${inMib(heapUsedBytes)} of ${inMib(bytes)}`;
    return { status: 'degraded', reason };
  };
}

/**
 * Degraded while the process used more than this share of one processor core since the last look;
 * 0.8 is 80 %, and 2 is two whole cores.
 */
export function cpuBelow(share: number): ReadyMadeCheck {
  mustBePositive('cpuBelow', share);
  let before: ProcessReadings | undefined;
  return (ctx) => {
    const now = readingsOf(ctx);
    const last = before;
    before = now;
    if (!last || now.uptimeMs <= last.uptimeMs) return 'healthy';
    const used = (now.cpuMs - last.cpuMs) / (now.uptimeMs - last.uptimeMs);
    if (used <= share) return 'healthy';
    return { status: 'degraded', reason: `processor ${inPercent(used)} of ${inPercent(share)}` };
  };
}

/** Degraded while the event loop was late by more since the last look, at the 99th percentile. */
export function loopLagBelow(limit: Duration): ReadyMadeCheck {
  const limitMs = parseDuration(limit) ?? Number.NaN;
  mustBePositive('loopLagBelow', limitMs);
  return (ctx) => {
    const { loopLagMs } = readingsOf(ctx);
    if (loopLagMs <= limitMs) return 'healthy';
    const late = formatDuration(Math.round(loopLagMs));
    return {
      status: 'degraded',
      reason: `event loop late by ${late} of ${formatDuration(limitMs)}`,
    };
  };
}

/** Degraded while more than so many wait. @param length how many wait now */
export function queueBelow(limit: number, length: () => number): ReadyMadeCheck {
  mustBePositive('queueBelow', limit);
  return () => {
    const waiting = length();
    if (waiting <= limit) return 'healthy';
    return { status: 'degraded', reason: `${waiting} of ${limit} wait` };
  };
}

/** Degraded while more than so many jobs of a queue could run and wait. @param queue or its name */
export function jobsBelow(
  limit: number,
  queue: AnyQueue | string,
): (ctx: Pick<Context, 'jobs'>) => Promise<HealthAnswer> {
  mustBePositive('jobsBelow', limit);
  return async ({ jobs }) => {
    const { states, oldestReadyMs } = await jobs.counts(queue);
    const waiting = states.ready + states.held;
    if (waiting <= limit) return 'healthy';
    const age = oldestReadyMs === null ? '' : `, the oldest for ${formatDuration(oldestReadyMs)}`;
    return { status: 'degraded', reason: `${waiting} jobs of ${limit} wait${age}` };
  };
}

export interface ErrorTally {
  readonly errors: number;
  readonly total: number;
}

/**
 * Unhealthy while more than this share failed since the last look; 0.1 is every tenth.
 *
 * @param tally both only grow
 */
export function errorRateBelow(share: number, tally: () => ErrorTally): ReadyMadeCheck {
  mustBePositive('errorRateBelow', share);
  let before: ErrorTally = { errors: 0, total: 0 };
  return () => {
    const now = { ...tally() };
    const errors = now.errors - before.errors;
    const total = now.total - before.total;
    before = now;
    if (total <= 0 || errors / total <= share) return 'healthy';
    const reason = `${errors} of ${total} failed, ${inPercent(errors / total)} of ${inPercent(share)}`;
    return { status: 'unhealthy', reason };
  };
}

function readingsOf(ctx: unknown): ProcessReadings {
  const { metrics } = backstage(ctx).kernel.facilities;
  if (!(metrics instanceof MetricsFacility)) throw new Error('This system measures no process.');
  return metrics.process.read();
}

function mustBePositive(name: string, limit: number): void {
  if (limit > 0) return;
  throw new TypeError(`${name}() needs a limit above 0; it was given ${limit}.`);
}

function inMib(bytes: number): string {
  return `${Math.round(bytes / mib)} MiB`;
}

function inPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
