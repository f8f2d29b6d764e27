import { Cron } from 'croner';
import { parseDuration } from '../../../actors/rules/duration.ts';
import { fixedDelay, fixedRate, onlyAt, type Timetable } from '../../../actors/rules/timetable.ts';
import { show } from '../../define/show.ts';

/** When a schedule runs. */
export type Timing =
  | { readonly kind: 'every'; readonly periodMs: number }
  | { readonly kind: 'cron'; readonly expression: string; readonly timezone: string }
  | { readonly kind: 'at'; readonly dateMs: number };

/** What is wrong with what was given, and what to write instead. */
export interface TimingFault {
  readonly problem: string;
  readonly hint: string | undefined;
}

export function isTimingFault(value: Timing | TimingFault): value is TimingFault {
  return 'problem' in value;
}

const durationForms =
  "Milliseconds as a number, or a number with a unit: '250ms', '5s', '1m', '2h', '1d'.";

export function readPeriod(value: unknown): Timing | TimingFault {
  const periodMs = parseDuration(value);
  if (periodMs === undefined) {
    return {
      problem: `its period is ${show(value)}; that is not a duration.`,
      hint: durationForms,
    };
  }
  if (periodMs >= 1) return { kind: 'every', periodMs };
  return {
    problem: `its period is ${show(value)}; it must be 1 ms or more.`,
    hint: 'Work without a pause in between is a loop in a service.',
  };
}

export function readExpression(value: unknown, timezone: string): Timing | TimingFault {
  if (typeof value !== 'string') {
    return {
      problem: `its expression is ${show(value)}; it must be text.`,
      hint: "Five fields, minute first: '30 2 * * *' is 02:30 every day.",
    };
  }
  if (/^\s*\d{4}-/.test(value)) {
    return {
      problem: `its expression is ${show(value)}; that is a date.`,
      hint: 'at(name, date, fn) runs once, at a date.',
    };
  }
  try {
    // From 1970 on: whether it can fire at all does not depend on today.
    if (evaluator(value, timezone).nextRun(new Date(0)) === null) {
      return {
        problem: `its expression is ${show(value)}; this schedule never fires.`,
        hint: 'No calendar has such a day: the 30th of February, for one.',
      };
    }
    return { kind: 'cron', expression: value, timezone };
  } catch (error) {
    return {
      problem: `its expression is ${show(value)}; ${reasonOf(error)}`,
      hint: "Fields: [second] minute hour day-of-month month day-of-week [year]. '*/15 * * * *', '0 9 * * MON-FRI', '@daily'.",
    };
  }
}

export function readDate(value: unknown): Timing | TimingFault {
  const dateMs = momentOf(value);
  if (Number.isFinite(dateMs)) return { kind: 'at', dateMs };
  const isLocal = typeof value === 'string' && !Number.isNaN(Date.parse(value));
  return {
    problem: isLocal
      ? `its date is ${show(value)}; it does not say in which time zone.`
      : `its date is ${value instanceof Date ? 'an invalid Date' : show(value)}; that is not a moment.`,
    hint: "A Date, milliseconds since the epoch, or ISO text with an offset: '2027-01-01T00:00:00Z', '2027-01-01T09:00+09:00'.",
  };
}

/** What is wrong with a time zone, or undefined. */
export function faultOfTimezone(timezone: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return undefined;
  } catch {
    return 'there is no such time zone.';
  }
}

/**
 * The due times of a timing on its own clock.
 *
 * @param start when its first tick is due at the earliest, where it is counted from its start
 */
export function timetableOf(
  timing: Timing,
  pace: 'fixed-rate' | 'fixed-delay',
  start: number,
): Timetable {
  switch (timing.kind) {
    case 'every':
      return pace === 'fixed-rate'
        ? fixedRate(start, timing.periodMs)
        : fixedDelay(timing.periodMs);
    case 'cron': {
      const cron = evaluator(timing.expression, timing.timezone);
      return { next: (after) => cron.nextRun(new Date(after))?.getTime() };
    }
    case 'at':
      return onlyAt(timing.dateMs);
  }
}

/** Only ever asked when the next run is: its own timers are never started. */
function evaluator(expression: string, timezone: string): Cron {
  return new Cron(expression, { timezone, paused: true });
}

function momentOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value instanceof Date) return value.getTime();
  if (typeof value !== 'string' || !/(?:Z|[+-]\d\d:?\d\d)$/i.test(value)) return Number.NaN;
  return Date.parse(value);
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const reason = message.replace(/^Cron\w+: /, '').replace(/ \('.*'\)/, '');
  const sentence = `${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
  return sentence.endsWith('.') ? sentence : `${sentence}.`;
}
