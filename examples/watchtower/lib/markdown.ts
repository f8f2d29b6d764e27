import { formatDuration } from 'daruma';
import type { Incident } from '../topics.ts';
import { counted, duration, percent, utc } from './format.ts';
import type { TargetSummary } from './target-summary.ts';

export interface Report {
  readonly since: number;
  readonly until: number;
  /** A target of which nothing was heard for so long, in milliseconds, does not count as up. */
  readonly silentAfter: number;
  readonly targets: readonly TargetSummary[];
  /** Those that are open first. */
  readonly incidents: readonly Incident[];
}

/** `3 of 4 targets up, 99% of 812 checks were good, 2 incidents (1 open)` */
export function reportLine({ targets, incidents, until, silentAfter }: Report): string {
  const up = targets.filter(({ last }) => last?.ok && until - last.at <= silentAfter).length;
  const checks = targets.reduce((sum, target) => sum + target.checks, 0);
  const failures = targets.reduce((sum, target) => sum + target.failures, 0);
  const good = percent(checks === 0 ? 1 : 1 - failures / checks);
  const open = incidents.filter(({ closedAt }) => closedAt === undefined).length;
  return [
    `${up} of ${counted(targets.length, 'target')} up`,
    `${good} of ${counted(checks, 'check')} were good`,
    counted(incidents.length, 'incident') + (open > 0 ? ` (${open} open)` : ''),
  ].join(', ');
}

/** The report for people. What has nothing to say is left out. */
export function markdownReport(report: Report): string {
  const { since, until, targets, incidents } = report;
  const sections = [
    '# Watchtower',
    `${utc(since)} to ${utc(until)} UTC: ${reportLine(report)}.`,
    section('Targets', targetTable(targets)),
    section('Incidents', incidentTable(incidents, until)),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function section(title: string, text: string): string {
  return text && `## ${title}\n\n${text}`;
}

function targetTable(targets: readonly TargetSummary[]): string {
  const rows = targets.map(({ name, checks, failures, uptime, p50, p95, last }) => [
    name,
    last?.outcome ?? '–',
    checks === 0 ? '–' : percent(uptime),
    duration(p50),
    duration(p95),
    String(checks),
    String(failures),
  ]);
  return table(['Target', 'Last', 'Up', 'p50', 'p95', 'Checks', 'Failures'], rows);
}

function incidentTable(incidents: readonly Incident[], until: number): string {
  const rows = incidents.map(({ target, reason, openedAt, closedAt }) => [
    closedAt === undefined ? '**open**' : 'closed',
    target,
    reason,
    utc(openedAt),
    formatDuration((closedAt ?? until) - openedAt),
  ]);
  return table(['', 'Target', 'Why', 'Since', 'For'], rows);
}

/** Empty without rows. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(escaped))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** What comes from outside must not draw tables of its own. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}
