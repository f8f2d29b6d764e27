import { formatDuration } from '../../actors/rules/duration.ts';
import { isDarumaError } from '../errors.ts';
import { messageOf } from '../events.ts';
import type { StopReport } from '../kernel/report.ts';
import { counted } from './style.ts';

export interface Farewell {
  readonly level: 'info' | 'error';
  readonly text: string;
  /** What to do about it. */
  readonly hint: string | undefined;
}

export interface Leaving {
  /** How long the stop took. */
  readonly tookMs: number;
  /** A signal or somebody asked for it; else every service has ended by itself. */
  readonly isAsked: boolean;
}

/** How a run came out, in a sentence. */
export function farewell(
  report: StopReport,
  exitCode: number,
  { tookMs, isAsked }: Leaving,
): Farewell {
  const took = formatDuration(tookMs);
  const code = exitCode === 0 ? '' : ` (exit code ${exitCode})`;
  const left = leftovers(report);
  const hint = isDarumaError(report.error) ? report.error.hint : undefined;
  const tell = (level: Farewell['level'], text: string) => ({ level, text: text + code, hint });
  switch (report.reason) {
    case 'start-failed':
      return tell('error', `did not start${untold(report.error)}${left}`);
    case 'escalated':
      return tell('error', `gave up, and stopped in ${took}${left}`);
    case 'forced':
      return tell('error', 'was left at once');
    case 'stopped':
      return tell(
        exitCode === 0 ? 'info' : 'error',
        isAsked ? `stopped in ${took}${left}` : `has nothing left to do${left}`,
      );
  }
}

/** What has no place in the tree was told by no event: a port that is taken. */
function untold(error: unknown): string {
  const isTold = isDarumaError(error) && error.path !== undefined;
  return isTold ? '' : `: ${messageOf(error).replace(/\.$/, '')}`;
}

function leftovers({ unstopped }: StopReport): string {
  if (unstopped.length === 0) return '';
  return `, but ${counted(unstopped.length, 'service')} did not: ${unstopped.join(', ')}`;
}
