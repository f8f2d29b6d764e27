import type { Fault } from '../errors.ts';
import { counted, indented, marks, type Paint } from './style.ts';

/** What a person has to know of something that is wrong. */
export interface Complaint {
  readonly message: string;
  readonly path?: string | undefined;
  readonly code?: string | undefined;
  /** Lines between message and hint: an excerpt of the source, frames. */
  readonly details?: readonly string[];
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/**
 * One thing that is wrong: a mark, the message, where, what to do.
 *
 * ```
 * ✖ restart is 'permanant'; it must be 'permanent', 'transient' or 'temporary'.
 *   at app/edge/feed  DARUMA_INVALID_RESTART
 *   Did you mean 'permanent'?
 * ```
 */
export function complaint(
  { message, path, code, details = [], hint }: Complaint,
  paint: Paint,
  severity: 'bad' | 'warning' = 'bad',
): string {
  const mark = paint(severity === 'bad' ? 'red' : 'yellow', marks[severity]);
  const lines = [
    sentence(message),
    ...(path === undefined ? [] : [place(path, code, paint)]),
    ...details.map((line) => paint('dim', line)),
    ...(hint === undefined ? [] : [hint]),
  ];
  return `${mark} ${indented(lines.join('\n'), 2).trimStart()}`;
}

/** Every fault of a definition or a configuration; what is wrong twice in the same way counts once. */
export function faultList(faults: readonly Fault[], paint: Paint): string {
  const blocks = new Set(faults.map((fault) => indented(complaint(fault, paint), 2)));
  const what = faults.every(({ code }) => code === 'DARUMA_INVALID_CONFIG')
    ? 'configuration'
    : 'definition';
  const title = `The ${what} has ${counted(blocks.size, 'fault')}; nothing was started.`;
  return [paint('bold', title), ...blocks].join('\n\n');
}

/** What is legal in a definition but seldom meant. */
export function warningList(warnings: readonly Fault[], paint: Paint): string {
  return warnings.map((warning) => complaint(warning, paint, 'warning')).join('\n\n');
}

function place(path: string, code: string | undefined, paint: Paint): string {
  const suffix = code === undefined ? '' : `  ${paint('dim', code)}`;
  return `${paint('dim', 'at')} ${paint('cyan', path)}${suffix}`;
}

/** Messages of faults go on from a path; here they stand first. Names of options stay as they are. */
function sentence(message: string): string {
  return message.replace(
    /^(?:it|its|the|there|child|what) /,
    (word) => word[0]?.toUpperCase() + word.slice(1),
  );
}
