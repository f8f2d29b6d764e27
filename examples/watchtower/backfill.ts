import { type ReadyOf, service, type TaskContext, task } from 'daruma';
import * as v from 'valibot';
import { demoHistory } from './lib/demo-history.ts';
import { files } from './outside/files.ts';
import { settingsOf } from './settings.ts';
import { store } from './store.ts';
import { Check } from './topics.ts';
import { worker } from './worker.ts';

const batch = 20;

interface BackfillInput {
  readonly store: ReadyOf<typeof store>;
  readonly checks: readonly Check[];
}

/** Stores checks of the past, gently: what is measured now goes first. */
const storePast = task('backfill', async (ctx: TaskContext<BackfillInput>) => {
  const { store, checks } = ctx.input;
  for (let done = 0; done < checks.length; done += batch) {
    ctx.progress({ done, total: checks.length, text: 'checks of the past' });
    await store.addChecks(checks.slice(done, done + batch));
    await ctx.sleep('50ms');
  }
  return checks.length;
});

/** Fills in, once, what was measured before: by another monitor, or by nobody where it is a demo. */
export const backfill = service(
  'backfill',
  { needs: { store, files, worker }, restart: 'transient' },
  async (ctx) => {
    const { isDemo, targets, import: file } = settingsOf(ctx);
    const source = file ?? (isDemo ? 'a made-up yesterday' : undefined);
    if (source === undefined || (await ctx.storage.has(source))) return;
    const { store, files, worker } = ctx.needs;
    const checks = file
      ? checksIn(await files.read(file))
      : demoHistory(targets, ctx.now(), () => ctx.random());
    const order = worker.submit('backfill', storePast, { input: { store, checks } });
    ctx.signal.addEventListener('abort', () => void order.cancel());
    const count = await order.result;
    await ctx.storage.set(source, count);
    ctx.log.info(`filled in ${count} checks of ${source}`);
  },
);

function checksIn(lines: string): Check[] {
  return lines.split('\n').flatMap((line) => (line === '' ? [] : v.parse(Check, JSON.parse(line))));
}
