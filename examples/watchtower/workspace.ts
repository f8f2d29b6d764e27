import { mkdir, writeFile } from 'node:fs/promises';
import { service } from 'daruma';
import { Folder } from './lib/folder.ts';
import { settingsOf } from './settings.ts';

/** The folder that everything is written to. Who needs it gets it, and it is there. */
export const workspace = service('workspace', {
  stopWithin: '2s',
  start: async (ctx) => {
    const folder = new Folder(settingsOf(ctx).report);
    await mkdir(folder.path, { recursive: true });
    // It ignores itself, in whatever repository it comes to lie.
    await writeFile(folder.file('.gitignore'), '*\n');
    return folder;
  },
});
