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
  /** What stands in the place of the name in further lines of the row. */
  readonly below: Cell;
  readonly policy: Cell;
  readonly start: Cell;
  readonly stop: Cell;
  readonly rest: readonly Cell[];
}

export interface TreeTextOptions {
  readonly paint: Paint;
  /** Where lines are broken. @default they are not */
  readonly columns?: number | undefined;
}

/**
 * A tree for people: what is supervised how, how long it may take to start and to stop, what it
 * needs, and what else differs from the defaults.
 */
export function treeText(
  root: SupervisorSpec,
  outlook: Outlook,
  { paint, columns = Number.POSITIVE_INFINITY }: TreeTextOptions,
): string {
  const branch = { paint, spec: root, path: root.name, head: '', tail: '' };
  const rows = [headRow(paint), ...rowsOf(branch)];
  return [...tableOf(rows, columns, paint), '', summary(root, outlook, paint)].join('\n');
}

const gap = '  ';

function tableOf(rows: readonly Row[], columns: number, paint: Paint): string[] {
  const name = widest(rows.map((row) => row.name));
  const policy = widest(rows.map((row) => row.policy));
  const start = widest(rows.map((row) => row.start));
  const stop = widest(rows.map((row) => row.stop));
  const left = name + policy + start + stop + 4 * gap.length;
  return rows.flatMap((row) => {
    const [first = '', ...more] = packed(row.rest, columns - left, paint);
    const cells = [padded(row.name, name), padded(row.policy, policy)];
    cells.push(padded(row.start, -start), padded(row.stop, -stop), first);
    const others = more.map((line) => padded(row.below, left) + line);
    return [cells.join(gap).trimEnd(), ...others];
  });
}

/** Puts as much side by side as there is room for. */
function packed(cells: readonly Cell[], width: number, paint: Paint): string[] {
  const lines: string[] = [];
  let used = 0;
  for (const { text, shown } of cells) {
    const line = lines.at(-1);
    if (line === undefined || used + 3 + text.length > Math.max(width, 12)) {
      lines.push(shown);
      used = text.length;
    } else {
      lines[lines.length - 1] = `${line}${paint('dim', ' · ')}${shown}`;
      used += 3 + text.length;
    }
  }
  return lines;
}

interface Branch {
  readonly paint: Paint;
  readonly spec: ItemSpec;
  readonly path: string;
  /** What stands before its own name, and before everything below it. */
  readonly head: string;
  readonly tail: string;
}

function rowsOf(branch: Branch): Row[] {
  const { paint, spec, path, tail } = branch;
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
  return [rowOf(branch, children.length > 0 ? `${tail}│` : tail), ...below];
}

function rowOf({ paint, spec, path, head }: Branch, below: string): Row {
  const isSupervisor = spec.kind === 'supervisor';
  const name = spec.name === '*' ? '* (template)' : spec.name;
  const policy = policyOf(spec);
  const isUsual = policy === defaultService.restart;
  return {
    name: {
      text: head + name,
      shown: paint('dim', head) + paint(isSupervisor ? ['bold', 'cyan'] : 'bold', name),
    },
    below: dim(below, paint),
    policy: { text: policy, shown: isUsual ? paint('dim', policy) : policy },
    start: limitCell(startOf(spec, path), isSupervisor, defaultService.startWithinMs, paint),
    stop: limitCell(stopOf(spec, path), isSupervisor, defaultService.stopWithinMs, paint),
    rest: restOf(spec, path, paint),
  };
}

function restOf(spec: ItemSpec, path: string, paint: Paint): Cell[] {
  const options = optionsOf(spec).map((option) => dim(option, paint));
  const needs = needsText(spec, path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  if (needs === '') return options;
  return [{ text: `← ${needs}`, shown: `${paint('dim', '←')} ${needs}` }, ...options];
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
  return !isSupervisor && limit === usual ? dim(text, paint) : { text, shown: text };
}

function durationCell(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return '∞';
  return ms === 0 ? '0' : formatDuration(ms);
}

function headRow(paint: Paint): Row {
  const none = dim('', paint);
  const [start, stop] = [dim('start', paint), dim('stop', paint)];
  return { name: none, below: none, policy: none, start, stop, rest: [] };
}

function dim(text: string, paint: Paint): Cell {
  return { text, shown: paint('dim', text) };
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
export function worstLine(
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
