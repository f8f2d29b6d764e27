import { basename } from 'node:path';
import { ignore, service } from 'daruma';
import { childNames } from './lib/child-names.ts';
import { settingsOf } from './settings.ts';
import { tail } from './tail.ts';

/** Starts one tail for each log file. */
export const tails = service('tails', {
  start: async (ctx) => {
    const { files } = settingsOf(ctx);
    if (files.length === 0) return ignore;
    const named = childNames(files, (file) => basename(file));
    const started = [...named].map(([name, file]) =>
      ctx.spawn(tail, { id: name, input: { name, file } }),
    );
    await Promise.all(started);
  },
});
