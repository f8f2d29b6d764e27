import type { Paint } from './style.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly isDim?: boolean;
  readonly isBold?: boolean;
}

const gap = '  ';

/** Rows of text as lines, each column as wide as its widest cell. No head where no column has one. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): string[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const padded = (text: string, index: number) => {
    const width = widths[index] ?? 0;
    return columns[index]?.align === 'right' ? text.padStart(width) : text.padEnd(width);
  };
  const shown = (text: string, index: number) => {
    const { isDim, isBold } = columns[index] ?? {};
    const cell = padded(text, index);
    return isDim ? paint('dim', cell) : isBold ? paint('bold', cell) : cell;
  };
  const lines = rows.map((row) =>
    (row.join('') === ''
      ? ''
      : columns.map((_, index) => shown(row[index] ?? '', index)).join(gap)
    ).trimEnd(),
  );
  if (columns.every(({ title }) => title === '')) return lines;
  const head = columns.map(({ title }, index) => padded(title, index)).join(gap);
  return [paint('dim', head.trimEnd()), ...lines];
}
