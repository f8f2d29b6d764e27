import type { ProgressReport, TaskProgress } from './types.ts';

/** What a report says, the fraction computed where only counts are given. */
export function progressOf(report: ProgressReport): TaskProgress {
  const { fraction, done, total, text } =
    typeof report === 'number'
      ? { fraction: report, done: undefined, total: undefined, text: undefined }
      : report;
  const counted = done !== undefined && total !== undefined && total > 0 ? done / total : undefined;
  return Object.freeze({ fraction: within(fraction ?? counted), done, total, text });
}

/** Between 0 and 1: a count may run over an estimate. */
function within(fraction: number | undefined): number | undefined {
  if (fraction === undefined || Number.isNaN(fraction)) return undefined;
  return Math.min(1, Math.max(0, fraction));
}
