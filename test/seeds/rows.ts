import { readFileSync } from 'node:fs';

/** One behaviour that the documents of the founders ask for. */
export interface Row {
  readonly id: string;
  /** What is asked for, in a sentence. */
  readonly says: string;
  /** The tests that prove it: `<file> > <title>`, as vitest prints it. */
  readonly proof?: readonly string[];
  /** Why it is not part of Daruma. */
  readonly out?: string;
  /** What it waits for. */
  readonly waits?: string;
}

/** A test that a row names. */
export interface Proof {
  readonly file: string;
  /** The titles of its suites and its own, or the end of that. */
  readonly title: string;
}

export const rowsFile: URL = new URL('rows.json', import.meta.url);

export function readRows(): Row[] {
  return JSON.parse(readFileSync(rowsFile, 'utf8')) as Row[];
}

export function proofsOf(row: Row): Proof[] {
  return (row.proof ?? []).map((text) => {
    const [file = '', ...titles] = text.split(' > ');
    return { file, title: titles.join(' > ') };
  });
}

/** How a row stands, where every test has passed. */
export function standing(row: Row): 'proven' | 'out' | 'waiting' | 'open' {
  if (row.proof?.length) return 'proven';
  if (row.out) return 'out';
  return row.waits ? 'waiting' : 'open';
}
