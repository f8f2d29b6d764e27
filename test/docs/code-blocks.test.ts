import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Block, blocksOf, pages } from './pages.ts';
import { Workspace } from './workspace.ts';

/** Complete: it imports the library, or a file of its page, so it can be compiled as it is. */
const complete = pages()
  .flatMap(blocksOf)
  .filter(
    ({ language, text }) => language === 'ts' && /^import .* from '(daruma|\.\/)/m.test(text),
  );

/** What the comments of a block say that it prints: `console.log(x); // => 1`. */
function announced({ text }: Block): string[] {
  return [...text.matchAll(/\/\/ => (.*)$/gm)].map((match) => match[1] ?? '');
}

/** What a block prints, where the page says so. */
function expectedOutput(block: Block): string | undefined {
  const lines = announced(block);
  if (lines.length > 0) return lines.join('\n');
  return /\bconsole\.log\(/.test(block.text) ? block.output?.trimEnd() : undefined;
}

const printing = complete.filter((block) => expectedOutput(block) !== undefined);

describe('the code in README.md and docs/', () => {
  let workspace: Workspace;
  let printed: ReadonlyMap<string, string>;
  const files = new Map<Block, string>();
  const fileOf = (block: Block): string => files.get(block) as string;

  beforeAll(async () => {
    workspace = new Workspace();
    for (const block of complete) files.set(block, workspace.add(block));
    printed = await workspace.runAll(printing.map(fileOf));
  }, 60_000);
  afterAll(() => workspace[Symbol.dispose]());

  it('has a name of its own for each file', () => {
    expect([...files.values()].sort()).toEqual([...new Set(files.values())].sort());
  });

  it('compiles', { timeout: 60_000 }, async () => {
    expect(await workspace.compile()).toBe('');
  });

  for (const block of printing) {
    it(`prints what it says: ${block.page}:${block.line}`, () => {
      expect(printed.get(fileOf(block))).toBe(expectedOutput(block));
    });
  }
});
