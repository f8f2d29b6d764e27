import { counted, duration, percent, shareOf } from './format.ts';
import type { HistoryRow } from './history.ts';
import type { Overview } from './ledger.ts';

/**
 * Everything in a line:
 * `3/3 URLs up, load 0.52, memory 41%, disk 63%, loop p99 2ms, 14 log lines/min (2 errors), 1 incident`
 */
export function summaryLine({ host, probes, logs, openIncidents }: Overview): string {
  const up = probes.filter(({ isUp }) => isUp).length;
  const lines = logs.reduce((sum, log) => sum + log.linesInLastMinute, 0);
  const errors = logs.reduce((sum, log) => sum + log.errorsInLastMinute, 0);
  const fullest = host && Math.max(0, ...host.disks.map(shareOf));
  const parts = [
    probes.length > 0 && `${up}/${probes.length} URLs up`,
    host && `load ${host.load[0]?.toFixed(2)}`,
    host && `memory ${percent(shareOf(host.memory))}`,
    fullest !== undefined && `disk ${percent(fullest)}`,
    host && `loop p99 ${duration(host.loopDelay.p99)}`,
    logs.length > 0 && `${counted(lines, 'log line')}/min (${counted(errors, 'error')})`,
    openIncidents.length === 0 ? 'no incidents' : counted(openIncidents.length, 'open incident'),
  ];
  return parts.filter((part) => typeof part === 'string').join(', ');
}

/** The same as data, to be kept. */
export function historyRow({ at, host, probes, logs, openIncidents }: Overview): HistoryRow {
  return {
    at,
    urlsUp: probes.filter(({ isUp }) => isUp).length,
    urls: probes.length,
    load: host?.load[0] ?? 0,
    memory: host ? shareOf(host.memory) : 0,
    loopDelayP99: host?.loopDelay.p99 ?? 0,
    errorsInLastMinute: logs.reduce((sum, log) => sum + log.errorsInLastMinute, 0),
    openIncidents: openIncidents.length,
  };
}
