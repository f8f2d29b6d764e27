import { formatDuration } from '../../actors/rules/duration.ts';
import { firstFew } from './style.ts';
import type { Wait, Waits } from './waits.ts';

/** How many are named; the others are counted. */
const named = 2;

/**
 * What a start waits for, for people; undefined when nothing of it is slow.
 *
 * `waiting for app/database 3.2s of 10s; app/feed and 2 more wait for it`
 *
 * @param now on the system's monotonic clock
 * @param slowMs from which time on a start counts as slow
 */
export function startText(
  waits: Waits,
  now: number,
  slowMs: number,
  limitOf: (path: string) => number,
): string | undefined {
  const isSlow = ({ since }: Wait) => now - since >= slowMs;
  const slow = waits.innermost('starting', 'backoff').filter(isSlow);
  const [first] = slow;
  if (!first) return blockedText(waits.innermost('waiting').filter(isSlow));
  const parts = slow.map((wait) =>
    wait.kind === 'backoff' ? restartText(wait, now) : elapsedText(wait, now, limitOf(wait.path)),
  );
  const text = `waiting for ${firstFew(parts, named)}`;
  const others = waits.waitingFor(first.path);
  if (others.length === 0 || slow.length > 1) return text;
  return `${text}; ${firstFew(others, named)} ${others.length === 1 ? 'waits' : 'wait'} for it`;
}

/** What a stop waits for: `waiting for app/mailer 3.2s of 10s`. */
export function stopText(waits: Waits, now: number): string | undefined {
  const draining = waits.innermost('draining');
  const stopping = waits.innermost('stopping');
  if (draining.length > 0) {
    const parts = draining.map((wait) => elapsedText(wait, now, Number.POSITIVE_INFINITY));
    return `waiting for work in flight: ${firstFew(parts, named)}`;
  }
  if (stopping.length === 0) return undefined;
  const parts = stopping.map((wait) =>
    elapsedText(wait, now, wait.limitMs ?? Number.POSITIVE_INFINITY),
  );
  return `waiting for ${firstFew(parts, named)}`;
}

function elapsedText({ path, since }: Wait, now: number, limitMs: number): string {
  const limit = Number.isFinite(limitMs) ? ` of ${formatDuration(limitMs)}` : '';
  return `${path} ${seconds(now - since)}${limit}`;
}

function restartText({ path, since, limitMs, attempt, because }: Wait, now: number): string {
  const leftMs = Math.max(0, since + (limitMs ?? 0) - now);
  const cause =
    because === undefined ? '' : `: ${because.replace(`${path} failed to start: `, '')}`;
  return `${path}, which restarts in ${seconds(leftMs)} (attempt ${attempt})${cause}`;
}

/** Nothing is under way: what is missing waits for something that is down. */
function blockedText(waiting: readonly Wait[]): string | undefined {
  if (waiting.length === 0) return undefined;
  const parts = waiting.map(({ path, for: missing }) => {
    const others = missing.map((each) => each.path).join(' and ');
    return others === '' ? path : `${path}, which waits for ${others}`;
  });
  return `waiting for ${firstFew(parts, named)}`;
}

/** Tenths do not come and go, so that a line that is redrawn stands still. */
function seconds(ms: number): string {
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)}s` : formatDuration(ms);
}
