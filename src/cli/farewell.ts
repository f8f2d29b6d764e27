import { formatDuration } from '../../actors/rules/duration.ts';
import { isDarumaError } from '../errors.ts';
import type { StopReport } from '../kernel/report.ts';
import { counted } from './style.ts';

export interface Farewell {
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
}

/** How a run came out, in a sentence, with what to do about it where that is known. */
export function farewell(report: StopReport, exitCode: number, tookMs: number): Farewell {
  const took = formatDuration(tookMs);
  const code = exitCode === 0 ? '' : ` (exit code ${exitCode})`;
  const left = leftovers(report);
  switch (report.reason) {
    case 'start-failed':
      return { level: 'error', text: `did not start${left}${code}${hintOf(report.error)}` };
    case 'escalated':
      return {
        level: 'error',
        text: `gave up, and has stopped${left}${code}${hintOf(report.error)}`,
      };
    case 'forced':
      return { level: 'error', text: `was left at once${code}` };
    case 'stopped':
      return { level: left === '' ? 'info' : 'error', text: `stopped in ${took}${left}${code}` };
  }
}

function leftovers({ unstopped }: StopReport): string {
  if (unstopped.length === 0) return '';
  return `, but ${counted(unstopped.length, 'service')} did not: ${unstopped.join(', ')}`;
}

function hintOf(error: unknown): string {
  return isDarumaError(error) && error.hint !== undefined ? `\n${error.hint}` : '';
}
