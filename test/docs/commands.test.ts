import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { createProgram } from '../../src/cli/program.ts';
import { type Block, blocksOf, codesIn, pages, read, root, rowsOf, sectionOf } from './pages.ts';
import { folderOf, Workspace } from './workspace.ts';

const bin = join(root, 'bin/daruma.js');

/** A command of a page, with what the page says that it shows. */
interface Command {
  readonly page: string;
  readonly line: number;
  readonly args: readonly string[];
  readonly output: string;
}

const commands = pages().flatMap((page) =>
  blocksOf(page).flatMap(({ language, text, line, output }): Command[] => {
    const [, words] = /^npx daruma (.+)\n$/.exec(text) ?? [];
    if (language !== 'sh' || words === undefined || output === undefined) return [];
    return [{ page, line, args: words.split(' '), output }];
  }),
);

function isFile({ language, text }: Block): boolean {
  return language === 'ts' && /^\/\/ \S+\.ts\n/.test(text);
}

/** Times and durations differ from run to run. */
function timeless(text: string): string[] {
  const lines = text
    .replaceAll(/\d\d:\d\d:\d\d\.\d{3}/g, 'hh:mm:ss.mmm')
    .replaceAll(/(?<=after |in )\d+(\.\d+)?m?s\b/g, 'N')
    .split('\n');
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '');
}

/** Whether the lines are those of the page, where `...` stands for any number of lines. */
function expectLines(actual: readonly string[], expected: readonly string[]): void {
  const gap = expected.indexOf('...');
  if (gap === -1) return expect(actual).toEqual(expected);
  const [head, tail] = [expected.slice(0, gap), expected.slice(gap + 1)];
  expect(actual.slice(0, head.length)).toEqual(head);
  expect(actual.slice(-tail.length)).toEqual(tail);
}

/** What the page shows right before somebody presses Ctrl-C. */
function linesBeforeInterrupt(expected: readonly string[]): readonly string[] {
  const before = expected.slice(
    0,
    expected.findIndex((line) => line.includes('SIGINT: stopping')),
  );
  const gap = before.lastIndexOf('...');
  return gap === before.length - 1 ? before.slice(0, gap) : before.slice(gap + 1);
}

/** Whether all are there, in their order. */
function hasLines(actual: readonly string[], expected: readonly string[]): boolean {
  let found = 0;
  for (const line of actual) if (line === expected[found]) found++;
  return found === expected.length;
}

describe('the commands in README.md and docs/', { timeout: 60_000 }, () => {
  let workspace: Workspace;

  beforeAll(() => {
    workspace = new Workspace();
    for (const block of pages().flatMap(blocksOf).filter(isFile)) workspace.add(block);
  });
  afterAll(() => workspace[Symbol.dispose]());

  it('are there', () => {
    expect(commands.length).toBeGreaterThan(4);
  });

  for (const { page, line, args, output } of commands) {
    it.concurrent(`show what the page says: ${page}:${line}`, async () => {
      const folder = folderOf(page);
      mkdirSync(join(workspace.folder, folder), { recursive: true });
      const isRun = args[0] === 'run' && !output.startsWith('The definition');
      const isInterrupted = output.includes('SIGINT: stopping');
      const awaited = linesBeforeInterrupt(timeless(output));
      let hasBeenAsked = false;

      const { output: shown } = await workspace.execute(
        [bin, ...args, ...(isRun ? ['--no-json'] : [])],
        (text, kill) => {
          if (!isInterrupted || hasBeenAsked || !hasLines(timeless(text), awaited)) return;
          hasBeenAsked = true;
          kill('SIGINT');
        },
        folder,
      );

      expectLines(timeless(shown), timeless(output));
    });
  }
});

describe('docs/cli.md', () => {
  const page = 'docs/cli.md';
  const program = createProgram(() => {});

  it('has a section for every command', () => {
    const named = program.commands.map((command) => `## daruma ${command.name()}`);

    expect(named.filter((heading) => !read(page).includes(`\n${heading}\n`))).toEqual([]);
  });

  it.each(program.commands.map((command) => [command.name(), command] as const))(
    'has a row for every option of %s, and for no other',
    (name, command) => {
      const documented = rowsOf(sectionOf(page, `daruma ${name}`)).flatMap(([option = '']) =>
        codesIn(option).filter((code) => code.startsWith('--')),
      );

      expect(documented.sort()).toEqual(command.options.map(({ flags }) => flags).sort());
    },
  );

  it.each([page, 'docs/semantics.md'])('and the other pages: %s has every exit code', (each) => {
    const codes = rowsOf(sectionOf(each, 'Exit codes')).map(([code]) => code);

    expect(codes).toEqual([...Object.values(exitCodes).map(String), '128 + *n*']);
  });
});
