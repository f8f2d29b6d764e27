import { formatDuration } from 'daruma';
import { bytes, counted, duration, percent, shareOf, utc } from './format.ts';
import type { HistoryRow } from './history.ts';
import type { Incident } from './incidents.ts';
import type { HostSample, Overview } from './ledger.ts';
import type { LogSummary } from './log-series.ts';
import type { ProbeSummary } from './probe-series.ts';

const shownHistory = 10;

/** The report for people. What has nothing to say is left out. */
export function markdownReport(overview: Overview): string {
  const { at, since, host, probes, logs, openIncidents, resolvedIncidents, history } = overview;
  const state =
    openIncidents.length === 0 ? 'all is well' : counted(openIncidents.length, 'incident');
  const sections = [
    `# Watchtower: ${state}`,
    `${utc(at)} UTC, on watch for ${formatDuration(at - since)}`,
    section('Incidents', incidentTable([...openIncidents, ...resolvedIncidents], at)),
    section('Host', host && hostTable(host)),
    section('URLs', probeTable(probes, at)),
    section('Logs', logTable(logs)),
    section('Last errors', logs.flatMap(({ lastErrors }) => lastErrors.map(quoted)).join('\n')),
    section('History', historyTable(history.slice(-shownHistory).reverse())),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function section(title: string, text: string | undefined): string {
  return text ? `## ${title}\n\n${text}` : '';
}

function incidentTable(incidents: readonly Incident[], at: number): string {
  const rows = incidents.map(({ subject, reason, openedAt, resolvedAt }) => [
    resolvedAt === undefined ? '**open**' : 'resolved',
    subject,
    reason,
    utc(openedAt),
    formatDuration((resolvedAt ?? at) - openedAt),
  ]);
  return table(['', 'What', 'Why', 'Since', 'For'], rows);
}

function hostTable({ load, cpus, memory, disks, loopDelay }: HostSample): string {
  const rows = [
    ['Load', `${load.map((each) => each.toFixed(2)).join(' ')} on ${counted(cpus, 'CPU')}`],
    ['Memory', usage(memory)],
    ...disks.map((disk) => [`Disk ${disk.path}`, usage(disk)]),
    ['Event loop delay', `p99 ${duration(loopDelay.p99)}, at most ${duration(loopDelay.max)}`],
  ];
  return table(['', ''], rows);
}

function usage(of: HostSample['memory']): string {
  return `${percent(shareOf(of))} of ${bytes(of.total)}`;
}

function probeTable(probes: readonly ProbeSummary[], at: number): string {
  const rows = probes.map(({ url, isUp, checks, failures, failuresInARow, ...probe }) => [
    isUp ? '✔' : '✖',
    url,
    probe.lastAt === undefined ? '' : `${probe.lastOutcome}, ${duration(at - probe.lastAt)} ago`,
    duration(probe.latencyMs.p50),
    duration(probe.latencyMs.p95),
    String(checks),
    failuresInARow > 1 ? `${failures} (${failuresInARow} in a row)` : String(failures),
  ]);
  return table(['', 'URL', 'Last', 'p50', 'p95', 'Checks', 'Failures'], rows);
}

function logTable(logs: readonly LogSummary[]): string {
  const rows = logs.map(({ file, problem, lines, linesInLastMinute, errorsInLastMinute }) => [
    problem === undefined ? '✔' : '✖',
    problem === undefined ? file : `${file}: ${problem}`,
    String(lines.total),
    String(lines.error),
    String(lines.warning),
    String(linesInLastMinute),
    String(errorsInLastMinute),
  ]);
  return table(['', 'File', 'Lines', 'Errors', 'Warnings', 'Lines/min', 'Errors/min'], rows);
}

function historyTable(rows: readonly HistoryRow[]): string {
  const cells = rows.map((row) => [
    utc(row.at),
    `${row.urlsUp}/${row.urls}`,
    row.load.toFixed(2),
    percent(row.memory),
    duration(row.loopDelayP99),
    String(row.errorsInLastMinute),
    String(row.openIncidents),
  ]);
  return table(['At', 'URLs up', 'Load', 'Memory', 'Loop p99', 'Errors/min', 'Incidents'], cells);
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

function quoted(line: string): string {
  return `    ${line.replaceAll(/\s+/g, ' ')}`;
}
