import * as v from 'valibot';

const row = v.object({
  /** Milliseconds since the epoch. */
  at: v.number(),
  urlsUp: v.number(),
  urls: v.number(),
  /** Over one minute. */
  load: v.number(),
  /** Shares of the whole, from 0 to 1. */
  memory: v.number(),
  loopDelayP99: v.number(),
  errorsInLastMinute: v.number(),
  openIncidents: v.number(),
});

/** The state of everything in one line. */
export type HistoryRow = v.InferOutput<typeof row>;

/** The latest rows. */
export class History {
  readonly #rows: HistoryRow[];
  readonly #kept: number;

  constructor(rows: readonly HistoryRow[] = [], kept = 200) {
    this.#rows = rows.slice(-kept);
    this.#kept = kept;
  }

  add(row: HistoryRow): void {
    this.#rows.push(row);
    if (this.#rows.length > this.#kept) this.#rows.shift();
  }

  /** The oldest first. */
  get rows(): readonly HistoryRow[] {
    return [...this.#rows];
  }
}

const reportWithHistory = v.object({ history: v.array(row) });

/**
 * The history in a report of an earlier run.
 *
 * @throws when the text is no such report
 */
export function historyIn(json: string): History {
  return new History(v.parse(reportWithHistory, JSON.parse(json)).history);
}
