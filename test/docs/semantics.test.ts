import { describe, expect, it } from 'vitest';
import { headingsOf, read, rowsOf, sectionOf } from './pages.ts';

const page = 'docs/semantics.md';

describe(page, () => {
  it('has a heading for every rule that explain() names', () => {
    const named = [...read('src/kernel/explain.ts').matchAll(/^ *rule: (.+),$/gm)];
    const rules = named.flatMap(([, expression = '']) =>
      [...expression.matchAll(/'([^']+)'/g)].map((match) => match[1]),
    );

    expect(rules.length).toBeGreaterThan(10);
    expect(headingsOf(page)).toEqual(expect.arrayContaining([...new Set(rules)]));
  });

  it('has a row for every status', () => {
    const [, union = ''] = /export type Status =([^;]+);/.exec(read('src/kernel/node.ts')) ?? [];
    const statuses = [...union.matchAll(/'(\w+)'/g)].map((match) => `\`${match[1]}\``);

    expect(rowsOf(sectionOf(page, 'Statuses')).map(([status]) => status)).toEqual(statuses);
  });
});
