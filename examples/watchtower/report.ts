import { type ReadyOf, type TaskContext, task } from 'daruma';
import { markdownReport, reportLine } from './lib/markdown.ts';
import { summaryOf, type TargetSummary } from './lib/target-summary.ts';
import type { files } from './outside/files.ts';
import type { Target } from './settings.ts';
import type { store } from './store.ts';

const silentRounds = 5;

export interface ReportInput {
  readonly store: ReadyOf<typeof store>;
  readonly files: ReadyOf<typeof files>;
  readonly targets: readonly Target[];
  /** How often it is looked, in milliseconds. */
  readonly every: number;
  /** What it is about begins here, in milliseconds since the epoch. */
  readonly since: number;
}

/** Writes report.md. Resolves with the same in a line. */
export const report = task(
  'report',
  { timeout: '1m', retry: { maxAttempts: 2, backoff: { first: '500ms' } } },
  async (ctx: TaskContext<ReportInput>) => {
    const { store, files, targets, every, since } = ctx.input;
    const rows: TargetSummary[] = [];
    for (const [done, { name }] of targets.entries()) {
      ctx.progress({ done, total: targets.length, text: name });
      rows.push(summaryOf(name, await store.checksOf(name, since)));
    }
    const incidents = [
      ...(await store.openIncidents()),
      ...(await store.closedIncidents(since)).reverse(),
    ];
    const silentAfter = silentRounds * every;
    const content = { since, until: ctx.now(), silentAfter, targets: rows, incidents };
    await files.write('report.md', markdownReport(content));
    return reportLine(content);
  },
);
