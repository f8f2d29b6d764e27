import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** The 1-based line of its first line of text. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** The text block right after it: what it prints. */
  readonly output: string | undefined;
}

/** README.md and everything in docs/, as paths from the root of the repository. */
export function pages(): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.sort().map((name) => `docs/${name}`)];
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

const fence = /^```([a-z]*)[^\n]*\n([\s\S]*?)^```[ \t]*$/gm;

export function blocksOf(page: string): Block[] {
  const text = read(page);
  const found = [...text.matchAll(fence)];
  return found.map((match, index) => {
    const [whole, language = '', body = ''] = match;
    const end = match.index + whole.length;
    const next = found[index + 1];
    const isOutput = next?.[1] === 'text' && text.slice(end, next.index).trim() === '';
    return {
      page,
      line: text.slice(0, match.index).split('\n').length + 1,
      language,
      text: body,
      output: isOutput ? next[2] : undefined,
    };
  });
}

/** The text of a page without its fenced blocks. */
export function proseOf(page: string): string {
  return read(page).replaceAll(fence, '');
}

export function headingsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] ?? '');
}

/** The part of a page below a heading, up to the next heading of the same or a higher level. */
export function sectionOf(page: string, heading: string): string {
  const prose = proseOf(page);
  const start = new RegExp(`^(#{1,6}) ${RegExp.escape(heading)}$`, 'm').exec(prose);
  if (!start) throw new Error(`${page} has no heading '${heading}'.`);
  const rest = prose.slice(start.index + start[0].length);
  const end = new RegExp(`^#{1,${start[1]?.length}} `, 'm').exec(rest);
  return rest.slice(0, end?.index);
}

/** The rows of all tables in a text, each as its cells, without heads and rulers. */
export function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let isBelowRuler = false;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) isBelowRuler = false;
    else if (/^[|\s:-]+$/.test(line)) isBelowRuler = true;
    else if (isBelowRuler) rows.push(cellsOf(line));
  }
  return rows;
}

function cellsOf(line: string): string[] {
  const cells = line.slice(1).split(/(?<!\\)\|/);
  return cells.slice(0, -1).map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** Everything in backticks. */
export function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

/** How GitHub names the anchor of a heading. */
export function anchorOf(heading: string): string {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
}
