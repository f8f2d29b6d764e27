import { readFile } from 'node:fs/promises';
import { service } from 'daruma';
import { historyIn } from './lib/history.ts';
import { Ledger } from './lib/ledger.ts';
import { workspace } from './workspace.ts';

/**
 * Keeps what the others measure, so that any of them can crash without losing it. The history goes
 * on where the report of the last run ended.
 */
export const ledger = service('ledger', {
  needs: { workspace },
  stopWithin: '2s',
  start: async (ctx) => {
    const file = ctx.needs.workspace.file('report.json');
    try {
      return new Ledger(ctx.now(), historyIn(await readFile(file, 'utf8')));
    } catch (error) {
      const isFirstRun = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isFirstRun) ctx.log.warn(`begins a new history: ${file} is none of its reports`);
      return new Ledger(ctx.now());
    }
  },
});
