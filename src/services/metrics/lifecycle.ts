import type { Labels } from '../../define/metrics.ts';
import type { LifecycleEvent } from '../../events.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { MetricsRegistry, Series } from './registry.ts';

/** Under which name a place is measured: children that come and go share one. */
export function actorLabel(kernel: Kernel, path: string): string {
  const node = kernel.tree.get(path);
  return node?.isPassing ? `${node.parent?.path}/*` : path;
}

type Recipe = readonly [name: string, help: string];

const totals: Readonly<Partial<Record<LifecycleEvent['type'], Recipe>>> = {
  starting: ['daruma_starts_total', 'Start attempts.'],
  'start-failed': ['daruma_start_failures_total', 'Start attempts that failed.'],
  backoff: ['daruma_restarts_total', 'Restarts that were charged and scheduled.'],
  unstopped: ['daruma_unstopped_total', 'Ends that took longer than their limit.'],
  overdue: ['daruma_watchdog_total', 'Beats that did not come.'],
  'message-lost': ['daruma_messages_lost_total', 'Messages that nobody received.'],
  'listener-failed': ['daruma_listener_failures_total', 'Subscribers outside the tree that threw.'],
};
const ends: Recipe = ['daruma_ends_total', 'Incarnations that ended, by reason.'];

/** Counts what happens to the actors of a system. */
export function measureLifecycle(kernel: Kernel, registry: MetricsRegistry): void {
  const help = 'From the begin of a start attempt until ready.';
  const starts = registry.instrument('daruma_start_seconds', 'histogram', help, startBounds);
  // Looking a series up by its labels costs more than the rest.
  const known = new Map<string, Series>();
  const seriesOf = (path: string, key: string, make: (actor: string) => Series) => {
    const actor = actorLabel(kernel, path);
    const id = `${key} ${actor}`;
    let series = known.get(id);
    if (!series) {
      series = make(actor);
      known.set(id, series);
    }
    return series;
  };
  const count = ([name, text]: Recipe, path: string, labels: Labels, key: string) => {
    const counter = registry.instrument(name, 'counter', text);
    seriesOf(path, key, (actor) => counter.at({ ...labels, actor })).add(1);
  };
  kernel.journal.listen((event) => {
    const { path, type } = event;
    const total = totals[type];
    if (total) count(total, path, {}, type);
    if (type === 'ended') count(ends, path, { reason: event.reason }, `ended ${event.reason}`);
    if (type !== 'ready') return;
    seriesOf(path, type, (actor) => starts.at({ actor })).record(event.tookMs / 1_000);
  });
}

const startBounds: readonly number[] = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60];

/** What is read at the moment of a scrape: who is up, how it is, and what waits for it. */
export function measureTree(kernel: Kernel, registry: MetricsRegistry): void {
  const up = registry.instrument('daruma_up', 'gauge', 'Actors that are ready.');
  const mailbox = registry.instrument('daruma_mailbox_messages', 'gauge', 'Messages that wait.');
  const sums = new Map<string, { up: number; messages: number | undefined }>();
  for (const node of kernel.tree.all()) {
    const actor = actorLabel(kernel, node.path);
    const sum = sums.get(actor) ?? { up: 0, messages: undefined };
    sum.up += node.status === 'running' ? 1 : 0;
    if (node.mailbox) sum.messages = (sum.messages ?? 0) + node.mailbox.size;
    sums.set(actor, sum);
  }
  for (const [actor, sum] of sums) {
    up.at({ actor }).set(sum.up);
    if (sum.messages !== undefined) mailbox.at({ actor }).set(sum.messages);
  }
}
