/** An independent opinion on when a cron expression is due: the wall times that Intl shows. */

const stepMs = 15 * 60_000;

/** What is due at these minutes of these hours of a zone; no hour: of every one. */
export interface Pattern {
  readonly minutes: readonly number[];
  readonly hour?: number;
  /** 0 is Sunday. */
  readonly weekday?: number;
}

interface WallTime {
  readonly at: number;
  readonly date: string;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Every quarter of an hour of a span, as the clocks of a zone show it. */
export function wallTimes(timezone: string, from: number, to: number): WallTime[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const times: WallTime[] = [];
  for (let at = from; at <= to; at += stepMs) {
    // 'Sun, 03/08/2026, 01:30'
    const [weekday = '', date = '', time = ''] = format.format(at).split(', ');
    const [hour = '', minute = ''] = time.split(':');
    times.push({
      at,
      date,
      weekday: weekdays.indexOf(weekday),
      hour: Number(hour),
      minute: Number(minute),
    });
  }
  return times;
}

/**
 * Due times by the rule of cron: a time with an hour happens once a day, the first time that clocks
 * show it, and where they leave it out as soon as they show a later one; without an hour it happens
 * whenever clocks show it.
 */
export function expectedDues(times: readonly WallTime[], pattern: Pattern): number[] {
  return pattern.hour === undefined
    ? times.filter(({ minute }) => pattern.minutes.includes(minute)).map(({ at }) => at)
    : onceADay(times, pattern.hour, pattern);
}

function onceADay(times: readonly WallTime[], hour: number, pattern: Pattern): number[] {
  const dues: number[] = [];
  const [minute = 0] = pattern.minutes;
  let done = times[0]?.date;
  for (const time of times) {
    const isLater = time.hour * 60 + time.minute >= hour * 60 + minute;
    if (time.date === done || !isLater) continue;
    done = time.date;
    if (pattern.weekday === undefined || time.weekday === pattern.weekday) dues.push(time.at);
  }
  return dues;
}

/** The clock on the wall from some moment on, until it is set. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Which of the due times run when the clock is set between stretches: of those that it was set
 * forward over the last, once; none twice when it was set back by less than three hours.
 */
export function expectedRuns(dues: readonly number[], stretches: readonly Stretch[]): number[] {
  const runs: number[] = [];
  let dealtWith = Number.NEGATIVE_INFINITY;
  for (const { from, to } of stretches) {
    if (dealtWith - from > 3 * 3_600_000) dealtWith = from;
    const leaptOver = dues.filter((due) => due > dealtWith && due <= from);
    const last = leaptOver.at(-1);
    if (last !== undefined && Number.isFinite(dealtWith)) runs.push(last);
    const seen = dues.filter((due) => due > Math.max(dealtWith, from) && due <= to);
    runs.push(...seen);
    dealtWith = seen.at(-1) ?? last ?? Math.max(dealtWith, runs.length === 0 ? from : dealtWith);
  }
  return runs;
}
