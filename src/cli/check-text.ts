import { formatDuration } from '../../actors/rules/duration.ts';
import type { Availability } from '../testing/availability.ts';
import type { Cost } from '../testing/costs.ts';
import { supervisionInvariants } from '../testing/invariants/supervision.ts';
import type { CheckResult } from './check.ts';
import { durationText, grouped, percent, yearly } from './check-numbers.ts';
import { warningList } from './fault-list.ts';
import { optionsOf, policyOf } from './policies.ts';
import { counted, indented, marks, type Paint } from './style.ts';
import { type Column, table } from './table.ts';
import { worstLine } from './tree-text.ts';

export interface CheckTextOptions {
  readonly paint: Paint;
  readonly columns?: number | undefined;
}

/** What a check has found, for people: the worst news first. */
export function checkText(result: CheckResult, { paint }: CheckTextOptions): string {
  const { compiled } = result;
  const parts = [
    verdict(result, paint),
    limits(result, paint),
    uptimes(result, paint),
    costs(result, paint),
    warningList(compiled.warnings, paint),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function verdict({ failure, report, seed }: CheckResult, paint: Paint): string {
  if (failure) {
    const [first = '', ...rest] = failure.message.split('\n');
    const mark = paint('red', marks.bad);
    return `${mark} ${paint('bold', first)}\n${indented(rest.join('\n'), 2)}`;
  }
  const { runs, faults, simulatedMs } = report;
  const tried = `${counted(runs, 'run')} with ${grouped(faults)} faults`;
  const note = paint('dim', `(${formatDuration(simulatedMs)} of virtual time, seed ${seed})`);
  return `${paint('green', marks.good)} ${supervisionInvariants.length} invariants hold in ${tried} ${note}`;
}

function limits({ outlook, seen }: CheckResult, paint: Paint): string {
  const { startMs, bootWithinMs, stopMs, stopWithinMs, graceMs } = outlook;
  const grace = Number.isFinite(graceMs)
    ? `grace ${formatDuration(graceMs)}, 1s kept to leave`
    : '';
  const longest = (ms: number) => paint('dim', `; ${formatDuration(ms)} seen under faults`);
  return [
    worstLine('start', startMs, bootWithinMs, '', paint) + longest(seen.startMs),
    worstLine('stop', stopMs, stopWithinMs, grace, paint) + longest(seen.stopMs),
  ].join('\n');
}

function uptimes(result: CheckResult, paint: Paint): string {
  const { availability, hours, behaviours } = result;
  const { places, outages, totalMs } = availability;
  const rows = [...outages].map(([path, outage]) => {
    const down = places.get(path)?.downMs ?? 0;
    const { mtbfMs, mttrMs } = behaviours.get(path) ?? { mtbfMs: 0, mttrMs: 0 };
    const repairMs = Math.min(down, outage.ms);
    return [
      path,
      formatDuration(mtbfMs),
      formatDuration(mttrMs),
      percent(down, totalMs),
      durationText(yearly(down, totalMs)),
      durationText(yearly(repairMs, totalMs)),
      durationText(yearly(down - repairMs, totalMs)),
      grouped(yearly(places.get(path)?.restarts ?? 0, totalMs)),
    ];
  });
  const summary = [
    summaryRow('everything up', availability.anyDownMs, availability),
    summaryRow('the process', availability.systemDownMs, availability),
  ];
  const title = `Availability over ${grouped(hours)} hours of failures`;
  return [
    paint('bold', title),
    '',
    ...table(uptimeColumns, [...rows, ...summary], paint),
    ...escalationLines(availability, paint),
  ].join('\n');
}

const uptimeColumns: readonly Column[] = [
  { title: '', align: 'left' },
  { title: 'fails every', align: 'right', isDim: true },
  { title: 'for', align: 'right', isDim: true },
  { title: 'available', align: 'right', isBold: true },
  { title: 'down a year', align: 'right' },
  { title: '= repair', align: 'right', isDim: true },
  { title: '+ waiting', align: 'right' },
  { title: 'restarts a year', align: 'right' },
];

function summaryRow(name: string, downMs: number, { totalMs }: Availability): string[] {
  const down = durationText(yearly(downMs, totalMs));
  return [name, '', '', percent(downMs, totalMs), down, '', '', ''];
}

function escalationLines({ places, reboots, totalMs }: Availability, paint: Paint): string[] {
  const lines: string[] = [];
  const often = (count: number) => `${grouped(yearly(count, totalMs))} times a year`;
  for (const [path, { escalations, losses }] of places) {
    if (escalations > 0) lines.push(`${path} runs out of restarts ${often(escalations)}`);
    if (losses > 0) lines.push(`${path} is lost for good ${often(losses)}`);
  }
  if (reboots > 0) lines.push(`the process is started again ${often(reboots)}`);
  return lines.length === 0
    ? []
    : ['', ...lines.map((line) => `${paint('yellow', marks.warning)} ${line}`)];
}

/** Beyond these, nobody reads on. */
const mostCosts = 5;

function costs({ costs: all, availability, tree }: CheckResult, paint: Paint): string {
  const { totalMs, anyDownMs } = availability;
  const rowOf = ({ path, of, ms }: Cost) => {
    const spec = tree.get(path)?.spec;
    const own = spec ? [policyOf(spec), ...optionsOf(spec)].join(' · ') : '';
    const share = anyDownMs === 0 ? 0 : ms / anyDownMs;
    return [
      path,
      `${ms < 0 ? 'saves ' : ''}${durationText(yearly(Math.abs(ms), totalMs))}`,
      `${Math.round(Math.abs(share) * 100)} %`,
      of === 'failures' ? '' : own,
    ];
  };
  const matters = ({ ms }: Cost) => Math.abs(ms) > anyDownMs / 1_000;
  const failures = all.filter((cost) => cost.of === 'failures' && matters(cost));
  const policies = all.filter((cost) => cost.of === 'policy' && matters(cost));
  const part = (title: string, list: readonly Cost[]) =>
    list.length === 0
      ? []
      : [[paint('bold', title), '', ...table(costColumns, list.map(rowOf), paint)].join('\n')];
  return [
    ...part(
      'What failures cost: how much less a year anything would be down without them',
      failures.slice(0, mostCosts),
    ),
    ...part('What policies cost, compared with the defaults', policies.slice(0, mostCosts)),
  ].join('\n\n');
}

const costColumns: readonly Column[] = [
  { title: '', align: 'left' },
  { title: '', align: 'right', isBold: true },
  { title: '', align: 'right' },
  { title: '', align: 'left', isDim: true },
];
