import { describe, expect, it } from 'vitest';
import { filesBelow, read } from './source.ts';

const limits: Readonly<Record<string, number>> = { actors: 300, src: 300, test: 400 };

const linesOf = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

function faultOf(file: string, text: string, limit: number): string | undefined {
  const lines = linesOf(text);
  return lines > limit ? `${file} has ${lines} lines, over ${limit}` : undefined;
}

describe('file length', () => {
  it.each(Object.entries(limits))('every file below %s has at most %i lines', (folder, limit) => {
    const faults = filesBelow(folder, /\.(?:tsx?|js|css)$/).map((file) =>
      faultOf(file, read(file), limit),
    );

    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  it('catches the first line too many', () => {
    expect(faultOf('src/a.ts', 'x\n'.repeat(300), 300)).toBeUndefined();
    expect(faultOf('src/a.ts', 'x\n'.repeat(301), 300)).toBe('src/a.ts has 301 lines, over 300');
    expect(faultOf('src/a.ts', `${'x\n'.repeat(300)}x`, 300)).toContain('301 lines');
  });
});
