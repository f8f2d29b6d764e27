import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorOf, headingsOf, pages, proseOf, read, root } from './pages.ts';

/** Links to files and headings of the repository that lead nowhere. */
function brokenLinksIn(page: string): string[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : normalize(join(dirname(page), path));
    if (!existsSync(join(root, file))) return true;
    return anchor !== undefined && !headingsOf(file).map(anchorOf).includes(anchor);
  });
}

describe('links', () => {
  it.each(pages())('of %s lead somewhere', (page) => {
    expect(brokenLinksIn(page)).toEqual([]);
  });
});

describe('README.md', () => {
  const text = read('README.md');

  it('has the commands of the repository, letter by letter', () => {
    expect(text).toContain('```sh\nnpm ci && npm start\n```');
    expect(text).toContain('```sh\nnpm ci && npm test\n```');
  });

  it('names only scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/`npm run ([a-z:-]+)`/g)].map((match) => match[1] as string);

    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    expect(named.length).toBeGreaterThan(3);
  });
});
