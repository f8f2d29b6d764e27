import type { Bench, Figures } from './bench.ts';
import type { Row } from './rounds.ts';

/**
 * The medians of all rounds, and how many times that of the base they are. Ratios are taken within
 * a round, where both had the same machine; `±` is half of how far they lay apart. Cases that have
 * other figures than those before them have a table of their own.
 */
export function tablesOf(bench: Bench, rows: readonly Row[]): string {
  const measured = rows.filter(({ rounds }) => rounds.some((round) => figuresOf(round).length > 0));
  const tables: { readonly figures: ReadonlySet<string>; readonly rows: Row[] }[] = [];
  for (const name of bench.cases) {
    const ofCase = measured.filter((row) => row.case === name);
    const figures = new Set(ofCase.flatMap(({ rounds }) => rounds.flatMap(figuresOf)));
    const last = tables.at(-1);
    if (last && figures.symmetricDifference(last.figures).size === 0) last.rows.push(...ofCase);
    else if (ofCase.length > 0) tables.push({ figures, rows: ofCase });
  }
  return tables
    .map((table) => {
      const figures = bench.figures.filter((figure) => table.figures.has(figure));
      return tableOf(figures, bench.base, table.rows);
    })
    .join('\n\n');
}

function figuresOf(round: Figures): string[] {
  return Object.keys(round).filter((figure) => round[figure] !== undefined);
}

function tableOf(figures: readonly string[], base: string, rows: readonly Row[]): string {
  const isAlone = new Set(rows.map(({ contender }) => contender)).size === 1;
  const head = ['', '', ...figures.flatMap((figure) => (isAlone ? [figure] : [figure, '×', '±']))];
  const lines = rows.map((row, index) => {
    const ofBase = rows.find((other) => other.case === row.case && other.contender === base);
    const isFirst = rows[index - 1]?.case !== row.case;
    const cells = figures.flatMap((figure) => {
      const value = number(median(row.rounds.map((round) => round[figure])));
      return isAlone ? [value] : [value, ...ratioCells(row, ofBase, figure, base)];
    });
    return [isFirst ? row.case : '', row.contender, ...cells];
  });
  return aligned([head, ...lines]);
}

function ratioCells(row: Row, ofBase: Row | undefined, figure: string, base: string): string[] {
  if (row.contender === base || !ofBase) return ['', ''];
  const ratios = row.rounds.map((round, nth) => ratio(round, ofBase.rounds[nth], figure));
  const middle = median(ratios);
  if (middle === undefined) return ['', ''];
  const known = ratios.filter((value) => value !== undefined);
  const apart = (Math.max(...known) - Math.min(...known)) / 2 / middle;
  return [middle.toPrecision(3), known.length > 1 ? `${Math.round(apart * 100)} %` : ''];
}

function ratio(one: Figures, other: Figures | undefined, figure: string): number | undefined {
  const [value, against] = [one[figure], other?.[figure]];
  return value === undefined || against === undefined ? undefined : value / against;
}

/** Of the values that are there; of an even number the upper one in the middle. */
export function median(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  return known[Math.floor(known.length / 2)];
}

/** Three digits are more than a busy machine can tell. */
function number(value: number | undefined): string {
  if (value === undefined) return '';
  if (value >= 1_000) return Number(value.toPrecision(3)).toLocaleString('en');
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** The first two columns are words, the others numbers. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < 2 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
  return lines.map((line) => line.trimEnd()).join('\n');
}
