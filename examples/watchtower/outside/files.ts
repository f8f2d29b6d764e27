import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { service } from 'daruma';
import { settingsOf } from '../settings.ts';

/** The disk, for everybody here: in a simulation this one service is played. */
export const files = service('files', {
  start: (ctx) => {
    const { report } = settingsOf(ctx);
    return {
      /** Who reads the file meanwhile finds the old text or the new one, never half of it. */
      async write(name: string, text: string): Promise<string> {
        await mkdir(report, { recursive: true });
        // It ignores itself, in whatever repository it comes to lie.
        await writeFile(join(report, '.gitignore'), '*\n');
        const path = join(report, name);
        const draft = `${path}.${process.pid}.tmp`;
        await writeFile(draft, text);
        await rename(draft, path);
        return path;
      },

      read: (path: string) => readFile(path, 'utf8'),
    };
  },
});
