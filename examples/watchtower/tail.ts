import { service } from 'daruma';
import { ledger } from './ledger.ts';
import { Follower } from './lib/follower.ts';
import { rest } from './lib/rest.ts';

const everyMs = 500;

/** Follows one log file and counts what matters in it. */
export const tail = service(
  'tail',
  {
    needs: { ledger },
    watchdog: '30s',
    input: { name: '', file: '' },
    // A folder will not turn into a file; a permission may be given, so that is tried again.
    decide: (error) => ((error as NodeJS.ErrnoException).code === 'EISDIR' ? 'stop' : 'restart'),
  },
  async (ctx) => {
    const { name, file } = ctx.input;
    const series = ctx.needs.ledger.log(name, file);
    const follower = ctx.use(new Follower(file));
    for (;;) {
      try {
        for await (const lines of follower.newLines()) {
          // A disk that hung may come back when this tail was given up and another has taken over.
          ctx.signal.throwIfAborted();
          for (const line of lines) series.record(line, ctx.now());
          ctx.beat();
        }
      } catch (error) {
        if (!ctx.signal.aborted) series.problem = (error as Error).message;
        throw error;
      }
      series.problem = follower.isPresent ? undefined : 'no such file';
      ctx.health(series.problem === undefined ? 'healthy' : 'degraded', series.problem);
      await rest(ctx, everyMs);
    }
  },
);
