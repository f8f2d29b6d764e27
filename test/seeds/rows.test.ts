import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Proof, proofsOf, type Row, readRows } from './rows.ts';

const rows = readRows();

/** The numbers of each family of rows, first and last of every stretch. */
const families: Readonly<Record<string, readonly (readonly [first: number, last: number])[]>> = {
  T: [[1, 48]],
  Q: [
    ...([
      [1, 8],
      [10, 23],
      [30, 48],
      [50, 58],
      [60, 68],
      [70, 76],
      [80, 85],
    ] as const),
    ...([
      [90, 94],
      [100, 107],
      [110, 117],
      [120, 122],
      [130, 132],
      [140, 152],
    ] as const),
  ],
  P: [
    [1, 20],
    [30, 42],
  ],
  A: [
    [1, 12],
    [20, 26],
    [30, 35],
    [40, 41],
    [50, 55],
    [60, 70],
  ],
  R: [[1, 15]],
  D: [
    [1, 4],
    [10, 14],
    [20, 24],
    [30, 36],
    [40, 47],
    [50, 57],
  ],
  'F-Q': [
    [1, 36],
    [40, 46],
    [50, 57],
    [60, 67],
    [70, 70],
  ],
  'F-T': [[1, 12]],
  'F-P': [[1, 10]],
  'F-A': [[1, 11]],
  'F-D': [[1, 10]],
};

const idsOf = (family: string) =>
  (families[family] ?? []).flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, nth) => numbered(family, first + nth)),
  );

function numbered(family: string, number: number): string {
  return family.startsWith('F-')
    ? `${family}${number}`
    : `${family}-${String(number).padStart(2, '0')}`;
}

const sources = new Map<string, string>();

function sourceOf(file: string): string {
  const source = sources.get(file) ?? readFileSync(file, 'utf8');
  sources.set(file, source);
  return source;
}

/** Every text that is written in a file, with `.+` where a value is filled in. */
function titlesIn(source: string): RegExp[] {
  const literals = source.matchAll(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"/g);
  return [...literals].flatMap(([literal]) => {
    const text = literal.slice(1, -1).replaceAll(/\\(.)/g, '$1');
    const parts = text.split(/%[sdifjoO#]|\$\{[^}]*\}|\$\w+/);
    // A title that is filled in as a whole says nothing.
    if (parts.join('').trim() === '') return [];
    return new RegExp(`^${parts.map((part) => RegExp.escape(part)).join('.+')}$`, 's');
  });
}

/** What is wrong with where a test is said to be. */
function faultOf({ file, title }: Proof): string | undefined {
  if (!file.endsWith('.test.ts') || !existsSync(file)) return `${file} is no test file`;
  const titles = title.split(' > ');
  const [first = '', last = ''] = [titles[0], titles.at(-1)];
  // A suite that is named after a file of cases has its titles there.
  const cases = join(dirname(file), first);
  if (first.endsWith('.json')) {
    const known = JSON.parse(sourceOf(cases)) as { id: string; title: string }[];
    return known.some((one) => `${one.id}  ${one.title}` === last)
      ? undefined
      : `${cases} has no case '${last}'`;
  }
  const isThere = titlesIn(sourceOf(file)).some((pattern) => pattern.test(last));
  return isThere ? undefined : `${file} has no test '${last}'`;
}

describe('the rows', () => {
  it('are all there, once and in order', () => {
    const expected = Object.keys(families).flatMap(idsOf);

    expect(rows.map(({ id }) => id)).toEqual(expected);
  });

  it('say what Daruma does, in a sentence each', () => {
    const wordy = rows.filter(({ says }) => !/^[A-Z].{10,200}\.$/.test(says));

    expect(wordy.map(({ id }) => id)).toEqual([]);
  });

  it('have a proof, a reason to be out, or what they wait for, and nothing else', () => {
    const keys = ({ id: _id, says: _says, ...rest }: Row) => Object.keys(rest).join();

    expect(rows.filter((row) => !/^(proof|out|waits)$/.test(keys(row)))).toEqual([]);
    expect(rows.filter(({ out, waits }) => out === '' || waits === '')).toEqual([]);
  });

  it('name one or two tests, which exist', () => {
    const numbers = new Set(rows.map(({ proof }) => proof?.length));
    const faults = rows.flatMap((row) =>
      proofsOf(row).flatMap((proof) => {
        const fault = faultOf(proof);
        return fault ? `${row.id}: ${fault}` : [];
      }),
    );

    expect(faults).toEqual([]);
    expect([...numbers].sort()).toEqual([1, 2, undefined]);
  });

  it.each([
    ['test/seeds/none.test.ts > it', 'test/seeds/none.test.ts is no test file'],
    ['test/seeds/rows.ts > it', 'test/seeds/rows.ts is no test file'],
    [
      'test/seeds/rows.test.ts > the rows > are none',
      "test/seeds/rows.test.ts has no test 'are none'",
    ],
    [
      'test/conformance/conformance.test.ts > cases.json > RT-01  sometimes',
      "test/conformance/cases.json has no case 'RT-01  sometimes'",
    ],
  ])('is told from one that does not: %s', (text, fault) => {
    const [proof] = proofsOf({ id: 'T-01', says: '', proof: [text] });

    expect(proof && faultOf(proof)).toBe(fault);
  });
});
