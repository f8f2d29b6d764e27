import { topic } from 'daruma';
import * as v from 'valibot';

// What the services tell each other of.

/** One look at a target. Times in milliseconds, `at` since the epoch. */
export const Check = v.object({
  target: v.string(),
  at: v.number(),
  ok: v.boolean(),
  /** How long the answer took; of a failure how long it took to know. */
  ms: v.number(),
  /** `HTTP 200`, `HTTP 500`, `no answer in time`, `ECONNREFUSED` */
  outcome: v.string(),
});
export type Check = v.InferOutput<typeof Check>;

/** A target that is down for longer than a moment. There is one open incident a target. */
export const Incident = v.object({
  target: v.string(),
  reason: v.string(),
  openedAt: v.number(),
  /** undefined while it is open. */
  closedAt: v.optional(v.number()),
});
export type Incident = v.InferOutput<typeof Incident>;

/** Somebody has looked. Whoever emits it knows nobody who listens. */
export const checked = topic('target.checked', Check);
