import { formatDuration } from '../../actors/rules/duration.ts';

const yearMs = 365.25 * 86_400_000;

/** What an amount of the whole time comes to in a year. */
export function yearly(amount: number, totalMs: number): number {
  return (amount * yearMs) / totalMs;
}

/** `99.9954 %`: two figures of what is missing, so that every nine counts. */
export function percent(downMs: number, totalMs: number): string {
  const missing = (downMs / totalMs) * 100;
  if (missing === 0) return '100 %';
  const digits = Math.min(9, Math.max(0, 1 - Math.floor(Math.log10(missing))));
  return `${Number((100 - missing).toFixed(digits))} %`;
}

/** `1,234`, or with a decimal where that is all there is. */
export function grouped(count: number): string {
  const most = count > 0 && count < 10 ? 1 : 0;
  return count.toLocaleString('en-US', { maximumFractionDigits: most });
}

/** A duration; nothing at all is 0. */
export function durationText(ms: number): string {
  return ms < 0.5 ? '0' : formatDuration(ms);
}
