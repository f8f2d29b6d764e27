import { formatDuration } from 'daruma';

/** `41%`; never 100% before it is. */
export function percent(share: number): string {
  return `${share === 1 ? 100 : Math.min(99, Math.round(share * 100))}%`;
}

/** `1 error`, `2 errors` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `2026-01-01 12:00:05` in UTC: reports are compared across machines. */
export function utc(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

/** `12ms`; a dash for what has not been measured yet. */
export function duration(ms: number | undefined): string {
  return ms === undefined ? '–' : formatDuration(Math.round(ms));
}
