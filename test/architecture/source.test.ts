import { describe, expect, it } from 'vitest';
import { codeOnly, filesBelow, importsOf, read } from './source.ts';

describe('codeOnly', () => {
  it.each([
    ['a line comment', 'a(); // x', 'a();     '],
    ['a block comment', 'a /* x\ny */ b', 'a     \n     b'],
    ['a string', "a('x\\'y')", "a('    ')"],
    ['a comment mark in a string', "a('//') // x", "a('  ')     "],
    ['a quote in a regular expression', "r = /[/'\"]/g; b('x')", 'r = "      "; b(\' \')'],
    ['a division', 'a / b / c', 'a / b / c'],
    ['a template', '`x ${a + `y${b}`} z` + c', '`  ${a + ` ${b}`}  ` + c'],
    ['braces in a template', '`${f({ a: 1 })} x`; b', '`${f({ a: 1 })}  `; b'],
  ])('blanks %s', (_name, source, expected) => {
    expect(codeOnly(source)).toBe(expected);
  });

  it('keeps the length and the lines of every file of the repository', () => {
    for (const folder of ['actors', 'src', 'test', 'examples', 'bench'])
      for (const file of filesBelow(folder, /\.ts$/)) {
        const source = read(file);
        const shape = (text: string) => text.split('\n').map((line) => line.length);
        expect(shape(codeOnly(source)), file).toEqual(shape(source));
      }
  });
});

describe('importsOf', () => {
  it('finds each form of import and nothing that only looks like one', () => {
    const source = `
      import { a,
        b } from './1.ts';
      import type { C } from './2.ts';
      import './3.ts';
      export * from "./4.ts";
      export type { D } from './5.ts';
      const lazy = await import('./6.ts');
      // import { e } from './comment.ts';
      const text = "import { f } from './string.ts'";
      export type Unit = 'ms';
      export const from = 'x';
    `;

    expect(importsOf(source).map(({ specifier, typeOnly }) => [specifier, typeOnly])).toEqual([
      ['./1.ts', false],
      ['./2.ts', true],
      ['./3.ts', false],
      ['./4.ts', false],
      ['./5.ts', true],
      ['./6.ts', false],
    ]);
    expect(importsOf(source)[0]?.line).toBe(2);
  });
});
