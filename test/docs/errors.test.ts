import { describe, expect, it } from 'vitest';
import { headingsOf, read, sectionOf } from './pages.ts';

const page = 'docs/errors.md';
const catalogue = [...read('src/errors.ts').matchAll(/\| '(DARUMA_[A-Z_]+)'/g)].map(
  (match) => match[1] as string,
);

describe(page, () => {
  it('has a section for every code, and for no other', () => {
    const sections = headingsOf(page).filter((heading) => heading.startsWith('DARUMA_'));

    expect(catalogue.length).toBeGreaterThan(40);
    expect(sections.sort()).toEqual([...catalogue].sort());
  });

  it('says of every code what it means, the usual cause and what to do', () => {
    const shape =
      /^\n\n[^\n-][^\n]+\n\n- \*\*Usual cause:\*\* [^\n]+\.\n- \*\*What to do:\*\* [^\n]+\.\n/;
    const unfinished = catalogue.filter((code) => !shape.test(sectionOf(page, code)));

    expect(unfinished).toEqual([]);
  });
});
