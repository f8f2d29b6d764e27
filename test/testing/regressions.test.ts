import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadRegressions } from '../../src/testing/regressions.ts';
import { replay, replayMessage } from '../../src/testing/replay.ts';
import { referenceTrees } from './reference-trees.ts';

const folder = fileURLToPath(new URL('regressions', import.meta.url));
const failures = await loadRegressions(folder);

/** The first word of a file's name is the tree that it is a failure of. */
function treeOf(file: string) {
  const name = basename(file).split('-', 1)[0] ?? '';
  const tree = referenceTrees[name];
  if (tree) return tree;
  throw new Error(`${file}: there is no reference tree '${name}'.`);
}

describe('bugs of the kernel that were found by drawn plans', () => {
  it('are kept', () => {
    expect(failures.length).toBeGreaterThan(4);
  });

  it.each(failures.map((failure) => [basename(failure.file), failure] as const))(
    'are not back: %s',
    async (_name, { file, about }) => {
      const found = await replay(treeOf(file).make, file);

      // The run in the file is that of the bug: a plan that leads past it would prove nothing.
      expect(found.divergence, about).toBeDefined();
      expect(found.outcome, `${about}\n${replayMessage(found)}`).toBe('fixed');
    },
  );

  it('say in a sentence what they were', () => {
    for (const { file, about } of failures) expect(about, file).toMatch(/^[A-Z].+\.$/);
  });
});
