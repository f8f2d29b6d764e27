import { formatDuration } from '../../actors/rules/duration.ts';
import { isDarumaError } from '../errors.ts';
import type { StopReport } from '../kernel/report.ts';
import { counted } from './style.ts';

export interface Farewell {
  readonly level: 'info' | 'error';
  readonly text: string;
  /** What to do about it. */
  readonly hint: string | undefined;
}

/** How a run came out, in a sentence. */
export function farewell(report: StopReport, exitCode: number, tookMs: number): Farewell {
  const took = formatDuration(tookMs);
  const code = exitCode === 0 ? '' : ` (exit code ${exitCode})`;
  const left = leftovers(report);
  const hint = isDarumaError(report.error) ? report.error.hint : undefined;
  const tell = (level: Farewell['level'], text: string) => ({ level, text: text + code, hint });
  switch (report.reason) {
    case 'start-failed':
      return tell('error', `did not start${left}`);
    case 'escalated':
      return tell('error', `gave up, and stopped in ${took}${left}`);
    case 'forced':
      return tell('error', 'was left at once');
    case 'stopped':
      return tell(exitCode === 0 ? 'info' : 'error', `stopped in ${took}${left}`);
  }
}

function leftovers({ unstopped }: StopReport): string {
  if (unstopped.length === 0) return '';
  return `, but ${counted(unstopped.length, 'service')} did not: ${unstopped.join(', ')}`;
}
