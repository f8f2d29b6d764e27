import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Folder } from '../../examples/watchtower/lib/folder.ts';
import { tempFolder } from './temp-folder.ts';

describe('Folder', () => {
  it('replaces files in the order of the calls, and leaves nothing else behind', async () => {
    const folder = new Folder(tempFolder());

    await Promise.all([1, 2, 3].map((n) => folder.replace('report.md', `${n}`.repeat(50_000 / n))));

    expect(readFileSync(folder.file('report.md'), 'utf8')).toMatch(/^3+$/);
    expect(readdirSync(folder.path)).toEqual(['report.md']);
  });

  it('goes on after a failure', async () => {
    const folder = new Folder(tempFolder());

    const failed = folder.replace('no/such/folder', 'x');
    const written = folder.replace('report.md', 'y');

    await expect(failed).rejects.toMatchObject({ code: 'ENOENT' });
    await written;
    expect(readFileSync(folder.file('report.md'), 'utf8')).toBe('y');
  });

  it('says when the folder has gone', async () => {
    const folder = new Folder(tempFolder());
    rmSync(folder.path, { recursive: true });

    await expect(folder.replace('report.md', 'x')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
