import type { Check, Incident } from '../topics.ts';
import { counted, duration, percent } from './format.ts';
import { summaryOf } from './target-summary.ts';

export interface Lately {
  readonly name: string;
  /** The oldest first. */
  readonly checks: readonly Check[];
}

const barMs = [5, 15, 50, 150, 400, 800, 1_500];
const bars = '▁▂▃▄▅▆▇█';
const failure = '✖';
const width = 18;

/**
 * A line of what is, and one for each target:
 *
 * ```
 * 2 targets, 1 open incident
 *   home    ▁▁▁▂▁▁▁   100%   3ms
 * ✖ orders  ▁▁▁✖✖✖✖    42%   4ms  HTTP 500, 3 in a row
 * ```
 *
 * @param every how often it is looked, in milliseconds
 */
export function boardLines(
  targets: readonly Lately[],
  incidents: readonly Incident[],
  now: number,
  every: number,
): string[] {
  const state = incidents.length === 0 ? 'all is well' : counted(incidents.length, 'open incident');
  const nameWidth = Math.max(...targets.map(({ name }) => name.length));
  const rows = targets.map(({ name, checks }) => {
    const { uptime, p50, last } = summaryOf(name, checks);
    const incident = incidents.find(({ target }) => target === name);
    const isSilent = last === undefined || now - last.at > 3 * every;
    const note = incident?.reason ?? (isSilent ? 'no news' : '');
    const line = [
      incident ? failure : ' ',
      name.padEnd(nameWidth),
      ` ${sparkline(checks).padEnd(width)}`,
      (checks.length === 0 ? '' : percent(uptime)).padStart(4),
      duration(p50).padStart(6),
      note && ` ${note}`,
    ];
    return line.join(' ').trimEnd();
  });
  return [`${counted(targets.length, 'target')}, ${state}`, ...rows];
}

/** A sign for each check: the higher the later the answer came, on the same scale for all. */
function sparkline(checks: readonly Check[]): string {
  const signs = checks.slice(-width).map(({ ok, ms }) => {
    const bar = barMs.findIndex((limit) => ms <= limit);
    return ok ? bars.at(bar) : failure;
  });
  return signs.join('');
}
