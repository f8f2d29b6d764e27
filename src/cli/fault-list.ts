import type { Fault } from '../errors.ts';
import { counted, indented, marks, type Paint } from './style.ts';

/** What a person has to know of something that is wrong. */
export type Complaint = Pick<Fault, 'message' | 'hint'> &
  Partial<Pick<Fault, 'path'>> & { readonly details?: readonly string[] };

/**
 * One thing that is wrong: a mark, the message, where, what to do.
 *
 * ```
 * ✖ 'permanant' is not a restart type.
 *   at app/edge/feed
 *   Did you mean 'permanent'?
 * ```
 */
export function complaint(
  { message, path, details = [], hint }: Complaint,
  paint: Paint,
  severity: 'bad' | 'warning' = 'bad',
): string {
  const mark = paint(severity === 'bad' ? 'red' : 'yellow', marks[severity]);
  const lines = [
    sentence(message),
    ...(path === undefined ? [] : [`${paint('dim', 'at')} ${paint('cyan', path)}`]),
    ...details.map((line) => paint('dim', line)),
    ...(hint === undefined ? [] : [hint]),
  ];
  return `${mark} ${indented(lines.join('\n'), 2).trimStart()}`;
}

/** Every fault of a definition or a configuration. */
export function faultList(faults: readonly Fault[], paint: Paint): string {
  const title = `The definition has ${counted(faults.length, 'fault')}; nothing was started.`;
  const blocks = faults.map((fault) => indented(complaint(fault, paint), 2));
  return [paint('bold', title), ...blocks].join('\n\n');
}

/** What is legal in a definition but seldom meant. */
export function warningList(warnings: readonly Fault[], paint: Paint): string {
  return warnings.map((warning) => complaint(warning, paint, 'warning')).join('\n\n');
}

/** Messages of faults go on from a path; here they stand first. */
function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
