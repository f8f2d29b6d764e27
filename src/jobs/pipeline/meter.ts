import type { Metrics } from '../../define/metrics.ts';
import type { ItemStatus } from './item.ts';

const secondsBounds: readonly number[] = [0.001, 0.01, 0.1, 1, 10, 60, 600];

/** Measures what flows through a pipeline. */
export class Meter {
  readonly #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  inFlight(count: number): void {
    this.#metrics
      .gauge('daruma_items_in_flight', 'Items on their way through a pipeline.')
      .set(count);
  }

  over(status: ItemStatus, tookMs: number): void {
    const labels = { status };
    this.#metrics
      .counter('daruma_items_total', 'Items that are over, by what became of them.')
      .add(1, labels);
    this.#metrics
      .histogram('daruma_item_seconds', {
        help: 'From the intake of items until they were through.',
        bounds: secondsBounds,
      })
      .record(tookMs / 1_000, labels);
  }
}
