import { formatDuration, NotRetryable, worker } from 'daruma';
import { web } from './outside/web.ts';
import { alerts } from './queues.ts';
import { settingsOf } from './settings.ts';
import type { Incident } from './topics.ts';

/**
 * Tells people of incidents: `--tell URL`, again and again until it has taken the news; without it
 * the channels of the system, which are the log and `--webhook URL`.
 */
export const alerter = worker(alerts, { needs: { web } }, async (job) => {
  const { tell } = settingsOf(job);
  const { title, message, level } = newsOf(job.payload);
  const data = { ...job.payload };
  if (tell === undefined) return job.notify(title, message, { level, key: title, data });
  const { status, fault } = await job.needs.web.post(
    tell,
    // Who gets it twice, because a crash came before this job was done, can tell by the id.
    { id: job.id, level, title, message, ...data },
    job.signal,
  );
  const answer = fault ?? `HTTP ${status}`;
  const isLater = status >= 500 || status === 408 || status === 429;
  if (isLater) throw new Error(`not told: ${answer}`);
  if (fault || status >= 400) throw new NotRetryable(`not told, and never will be: ${answer}`);
  job.log.info(`told: ${title}: ${message}`);
});

function newsOf({ target, reason, openedAt, closedAt }: Incident) {
  if (closedAt === undefined) {
    return { title: `${target} is down`, message: reason, level: 'error' } as const;
  }
  const message = `after ${formatDuration(closedAt - openedAt)}`;
  return { title: `${target} is up again`, message, level: 'success' } as const;
}
