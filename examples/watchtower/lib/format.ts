import { formatDuration } from 'daruma';
import type { Usage } from './ledger.ts';

/** `41%` */
export function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

export function shareOf({ used, total }: Usage): number {
  return total === 0 ? 0 : used / total;
}

/** `15.6 GiB` */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10));
  return `${(count / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
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
  return ms === undefined ? '–' : formatDuration(ms);
}
