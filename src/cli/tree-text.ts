import { formatDuration } from '../../actors/rules/duration.ts';
import { defaultService } from '../define/defaults.ts';
import type { ItemSpec, SupervisorSpec } from '../define/spec.ts';
import { worstCaseStartMs, worstCaseStopMs } from '../define/worst-case.ts';
import type { Outlook } from './outlook.ts';
import { childrenOf, places } from './places.ts';
import { needsText, optionsOf, policyOf } from './policies.ts';
import { counted, marks, type Paint } from './style.ts';

/** A cell as it is measured and as it is shown. */
interface Cell {
  readonly text: string;
  readonly shown: string;
}

interface Row {
  readonly name: Cell;
  readonly policy: Cell;
  readonly start: Cell;
  readonly stop: Cell;
  readonly rest: Cell;
}

/**
 * A tree for people: what is supervised how, how long it may take to start and to stop, what it
 * needs, and what else differs from the defaults.
 */
export function treeText(root: SupervisorSpec, outlook: Outlook, paint: Paint): string {
  const rows = [
    headRow(paint),
    ...rowsOf({ paint, spec: root, path: root.name, head: '', tail: '' }),
  ];
  const widths = {
    name: widest(rows.map(({ name }) => name)),
    policy: widest(rows.map(({ policy }) => policy)),
    start: widest(rows.map(({ start }) => start)),
    stop: widest(rows.map(({ stop }) => stop)),
  };
  const lines = rows.map(({ name, policy, start, stop, rest }) =>
    [
      padded(name, widths.name),
      padded(policy, widths.policy),
      padded(start, -widths.start),
      padded(stop, -widths.stop),
      rest.shown,
    ]
      .join('  ')
      .trimEnd(),
  );
  return [...lines, '', summary(root, outlook, paint)].join('\n');
}

interface Branch {
  readonly paint: Paint;
  readonly spec: ItemSpec;
  readonly path: string;
  /** What stands before its own name, and before everything below it. */
  readonly head: string;
  readonly tail: string;
}

function rowsOf({ paint, spec, path, head, tail }: Branch): Row[] {
  const children = childrenOf(spec);
  const below = children.flatMap((child, index) => {
    const isLast = index === children.length - 1;
    return rowsOf({
      paint,
      spec: child,
      path: `${path}/${child.name}`,
      head: `${tail}${isLast ? '└─ ' : '├─ '}`,
      tail: `${tail}${isLast ? '   ' : '│  '}`,
    });
  });
  return [rowOf(spec, path, head, paint), ...below];
}

function rowOf(spec: ItemSpec, path: string, head: string, paint: Paint): Row {
  const isSupervisor = spec.kind === 'supervisor';
  const name = spec.name === '*' ? '* (template)' : spec.name;
  const policy = policyOf(spec);
  const needs = needsText(spec, path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  const options = optionsOf(spec).join(' · ');
  const rest = [needs === '' ? '' : `← ${needs}`, options].filter((text) => text !== '').join('  ');
  const isUsual = policy === defaultService.restart;
  return {
    name: {
      text: head + name,
      shown: paint('dim', head) + paint(isSupervisor ? ['bold', 'cyan'] : 'bold', name),
    },
    policy: { text: policy, shown: isUsual ? paint('dim', policy) : policy },
    start: limitCell(startOf(spec, path), isSupervisor, defaultService.startWithinMs, paint),
    stop: limitCell(stopOf(spec, path), isSupervisor, defaultService.stopWithinMs, paint),
    rest: {
      text: rest,
      shown: [needs === '' ? '' : `${paint('dim', '←')} ${needs}`, paint('dim', options)]
        .filter((text) => text !== '')
        .join('  '),
    },
  };
}

function startOf(spec: ItemSpec, path: string): number {
  return spec.kind === 'service' ? spec.startWithinMs : worstCaseStartMs(spec, path);
}

function stopOf(spec: ItemSpec, path: string): number | 'brutal' {
  return spec.kind === 'service' ? spec.stopWithinMs : worstCaseStopMs(spec, path);
}

function limitCell(
  limit: number | 'brutal',
  isSupervisor: boolean,
  usual: number | 'brutal',
  paint: Paint,
): Cell {
  const text = limit === 'brutal' ? limit : durationCell(limit);
  return { text, shown: !isSupervisor && limit === usual ? paint('dim', text) : text };
}

function durationCell(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return '∞';
  return ms === 0 ? '0' : formatDuration(ms);
}

function headRow(paint: Paint): Row {
  const cell = (text: string): Cell => ({ text, shown: paint('dim', text) });
  return {
    name: cell(''),
    policy: cell(''),
    start: cell('start'),
    stop: cell('stop'),
    rest: cell(''),
  };
}

function widest(cells: readonly Cell[]): number {
  return Math.max(...cells.map(({ text }) => text.length));
}

/** Negative: aligned to the right. */
function padded({ text, shown }: Cell, width: number): string {
  const space = ' '.repeat(Math.max(0, Math.abs(width) - text.length));
  return width < 0 ? space + shown : shown + space;
}

/** What it all comes to. */
function summary(root: SupervisorSpec, outlook: Outlook, paint: Paint): string {
  const { startMs, bootWithinMs, stopMs, stopWithinMs, graceMs } = outlook;
  const grace = Number.isFinite(graceMs)
    ? `grace ${formatDuration(graceMs)}, 1s kept to leave`
    : '';
  return [
    countText(root),
    worstLine('start', startMs, bootWithinMs, '', paint),
    worstLine('stop', stopMs, stopWithinMs, grace, paint),
  ].join('\n');
}

function countText(root: SupervisorSpec): string {
  const all = places(root);
  const fixed = all.filter(({ path }) => !path.includes('*'));
  const services = fixed.filter(({ spec }) => spec.kind === 'service').length;
  const templates = all.filter(({ spec }) => spec.name === '*').length;
  const parts = [
    counted(services, 'service'),
    counted(fixed.length - services, 'supervisor'),
    ...(templates === 0 ? [] : [counted(templates, 'template')]),
  ];
  return parts.join(', ');
}

/** More than the limit is no fault: default limits add up, and only set ones are warned about. */
function worstLine(
  what: 'start' | 'stop',
  ms: number,
  limitMs: number,
  note: string,
  paint: Paint,
): string {
  const takes = ms === Number.POSITIVE_INFINITY ? 'no limit' : formatDuration(ms);
  const limit = limitMs === Number.POSITIVE_INFINITY ? 'no limit' : formatDuration(limitMs);
  const fits = ms <= limitMs;
  const mark = fits ? paint('green', marks.good) : paint('yellow', marks.warning);
  const suffix = note === '' ? '' : paint('dim', ` (${note})`);
  return `${mark} worst-case ${what.padEnd(5)}  ${takes}, ${fits ? 'within' : 'more than'} ${limit}${suffix}`;
}
