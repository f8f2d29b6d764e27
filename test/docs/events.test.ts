import { describe, expect, it } from 'vitest';
import { filesBelow } from '../architecture/source.ts';
import { codesIn, read, rowsOf, sectionOf } from './pages.ts';

const page = 'docs/events.md';
const source = read('src/events.ts');
const sources = [source, ...filesBelow('src/happenings', /\.ts$/).map(read)];

/** Every type with its fields, `?` behind those that may be missing. */
function happenings(): Map<string, string[]> {
  const unions = sources.flatMap(
    (text) => /export type \w+Happening =\s([\s\S]+?);\n\n/.exec(text)?.[1] ?? [],
  );
  const found = unions.join('').matchAll(/\{\s*readonly type: '([a-z-]+)'([^}]*)\}/g);
  return new Map([...found].map(([, type = '', rest = '']) => [type, fieldsOf(rest)]));
}

function fieldsOf(text: string): string[] {
  return [...text.matchAll(/readonly (\w+\??):/g)].map((match) => match[1] as string);
}

describe(page, () => {
  const rows = rowsOf(sectionOf(page, 'Types'));

  it('has a row for every type of event, with its fields', () => {
    const documented = rows.map(([type = '', fields = '']) => [codesIn(type)[0], codesIn(fields)]);

    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(happenings()));
    expect(rows.length).toBeGreaterThan(25);
  });

  it('says at which level each is logged', () => {
    const [, table = ''] = /const levels[^{]+\{([^}]+)\}/.exec(read('src/kernel/logs.ts')) ?? [];
    const levels = [...table.matchAll(/'?([a-z-]+)'?: '(\w+)'/g)].map(([, type, level]) => [
      type,
      level,
    ]);
    const documented = rows.map(([type = '', , , level]) => [codesIn(type)[0], level]);

    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(levels));
  });

  it('has a row for every field that all events have', () => {
    const [, base = ''] = /interface EventBase \{([\s\S]+?)\n\}/.exec(source) ?? [];
    const documented = rowsOf(sectionOf(page, 'Fields of every event'));

    expect(documented.map(([field = '']) => codesIn(field)[0])).toEqual([
      ...fieldsOf(base),
      'type',
    ]);
  });
});
