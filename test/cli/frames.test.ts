import { describe, expect, it } from 'vitest';
import { shortPath, userFrames } from '../../src/testing/frames.ts';

const cwd = '/home/me/shop';
const frames = (...lines: readonly string[]): string[] =>
  userFrames(['Error: x', ...lines.map((line) => `    at ${line}`)].join('\n'), { cwd });

describe('user frames', () => {
  it('are those that are neither of Node nor of a package', () => {
    expect(
      frames(
        'Array.map (<anonymous>)',
        'load (/home/me/shop/node_modules/pg/client.js:1:2)',
        'process.emit (node:events:1:2)',
        'async connect (file:///home/me/shop/lib/db.ts:3:4)',
        'async Promise.all (index 0)',
      ),
    ).toEqual(['at async connect (lib/db.ts:3:4)']);
  });

  it('are not those of this package', () => {
    const own = new URL('../../src/kernel/body.ts', import.meta.url);
    const example = new URL('../../examples/shop/services.ts', import.meta.url);

    expect(frames(`settle (${own.href}:1:2)`)).toEqual([]);
    expect(frames(`open (${example.href}:1:2)`)).toHaveLength(1);
  });

  it('have no name at the top level of a file', () => {
    expect(
      frames('file:///home/me/shop/a.ts:1:2', 'Object.<anonymous> (/home/me/shop/b.ts:3:4)'),
    ).toEqual(['at a.ts:1:2', 'at b.ts:3:4']);
  });

  it('are three at most', () => {
    expect(
      frames(...Array.from({ length: 9 }, (_, n) => `f${n} (/home/me/shop/a.ts:1:2)`)),
    ).toEqual(['at f0 (a.ts:1:2)', 'at f1 (a.ts:1:2)', 'at f2 (a.ts:1:2)']);
  });

  it('are none of an error without a stack', () => {
    expect(userFrames(undefined)).toEqual([]);
  });
});

describe('short path', () => {
  it('is relative inside the folder and whole outside', () => {
    expect(shortPath('/home/me/shop/lib/db.ts', cwd)).toBe('lib/db.ts');
    expect(shortPath('/home/me/other.ts', cwd)).toBe('/home/me/other.ts');
  });
});
