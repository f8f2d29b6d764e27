import { tasks } from 'daruma';

/** Works off what is asked for once: reports and backfills, two at a time. */
export const worker = tasks('worker', { concurrency: 2, maxPending: 20, keepFinished: 50 });
