import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyInvariants, jobInvariants, supervisionInvariants } from '../../src/testing/index.ts';
import { mutants } from './mutants.ts';

describe('the list of mutants', () => {
  it('names each once', () => {
    const ids = mutants.map(({ id }) => id);

    expect(ids).toEqual([...new Set(ids)]);
  });

  it.each(mutants)('$id fits its file', ({ file, from, to }) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

    expect(text.split(from)).toHaveLength(2);
    expect(to).not.toBe(from);
  });

  it('expects only invariants that there are', () => {
    const known = [...supervisionInvariants, ...bodyInvariants, ...jobInvariants].map(
      ({ name }) => name,
    );
    const expected = new Set(mutants.flatMap(({ seenBy }) => seenBy));

    expect([...expected].filter((name) => !known.includes(name))).toEqual([]);
  });
});
