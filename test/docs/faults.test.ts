import { describe, expect, it } from 'vitest';
import type { ParamRange } from '../../src/testing/index.ts';
import { allFaults } from '../../src/testing/index.ts';
import { read, rowsOf, sectionOf } from './pages.ts';

const page = 'docs/testing.md';

function rangeText(name: string, range: ParamRange): string {
  if (range.kind === 'choice') return `\`${name}\``;
  const [min, max] = [range.min, range.max].map((number) => number.toLocaleString('en-US'));
  return `\`${name}\` ${min} to ${max}`;
}

describe(`the faults in ${page}`, () => {
  it('are all there, as the catalogue has them', () => {
    const documented = rowsOf(sectionOf(page, 'What can go wrong')).filter(
      (row) => row.length === 4,
    );
    const own = allFaults().filter(({ group }) => group !== 'custom');
    const expected = own.map(({ group, name, description, params }) => {
      const ranges = Object.entries(params).map(([param, range]) => rangeText(param, range));
      return [group, `\`${name}\``, description, ranges.join(', ') || 'none'];
    });

    expect(read(page)).toContain('| Group | Kind |');
    expect(documented).toEqual(expected);
  });
});
