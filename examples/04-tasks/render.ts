import { type TaskContext, task } from 'daruma';

/** Renders a report, page by page. The printer jams at the first page of every first attempt. */
export const render = task(
  'render',
  {
    timeout: '30s',
    // 300 ms before the second attempt: without jitter it is easier to see.
    retry: { maxAttempts: 3, backoff: { first: '300ms', jitter: 'none' } },
  },
  async (ctx: TaskContext<{ pages: number }>) => {
    const { pages } = ctx.input;
    for (let page = 1; page <= pages; page++) {
      ctx.progress({ done: page - 1, total: pages, text: `page ${page}` });
      // Rejects as soon as the task is cancelled.
      await ctx.sleep('200ms');
      if (ctx.attempt === 1) throw new Error('the printer jams');
    }
    return { file: `/reports/${ctx.id}.pdf`, pages };
  },
);
