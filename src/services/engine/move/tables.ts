/** What a storage consists of, wherever it is kept: the same columns in every engine. */
export interface Table {
  readonly name: string;
  /** What gives its rows an order, and every row a place of its own. */
  readonly order: readonly string[];
  readonly columns: readonly string[];
  /** Those that SQLite has as 0 and 1. */
  readonly truths?: readonly string[];
  /** Whether `seq` is counted on from the last row. */
  readonly isCounted?: boolean;
}

/** Without the claims of the last moments, which a rate is kept by: they are of no use later. */
export const tables: readonly Table[] = [
  {
    name: 'entry',
    order: ['owner', 'store', 'key'],
    columns: ['owner', 'store', 'key', 'value', 'expires_at'],
  },
  { name: 'revision', order: ['owner'], columns: ['owner', 'revision'] },
  {
    name: 'job',
    order: ['seq'],
    isCounted: true,
    truths: ['is_cancelling'],
    columns: [
      ...['seq', 'id', 'queue', 'state', 'payload', 'priority', 'key', 'idempotency_key'],
      ...['workspace_id', 'trigger', 'traceparent', 'attempt', 'max_attempts', 'fence', 'added_at'],
      ...['due_at', 'ready_at', 'started_at', 'ended_at', 'lease_until', 'holder', 'is_cancelling'],
      ...['progress', 'result', 'error', 'reason', 'forget_at'],
    ],
  },
  { name: 'paused_queue', order: ['queue'], columns: ['queue'] },
  {
    name: 'lease',
    order: ['name'],
    truths: ['is_free'],
    columns: ['name', 'token', 'holder', 'until', 'ttl_ms', 'is_free'],
  },
  { name: 'tick', order: ['schedule', 'due_at'], columns: ['schedule', 'due_at'] },
  {
    name: 'history',
    order: ['seq'],
    isCounted: true,
    columns: ['seq', 'system', 'run', 'at', 'path', 'event'],
  },
];

export type Row = Readonly<Record<string, unknown>>;

/** Where rows come from, or go to. */
export interface Side extends AsyncDisposable {
  /** @throws whatever says that there is nothing of ours */
  read(table: Table): AsyncIterable<readonly Row[]>;
  countOf(table: Table): Promise<number>;
  write(table: Table, rows: readonly Row[]): Promise<void>;
  /** Everything that was written counts. Without it, nothing does. */
  commit(): Promise<void>;
}

/** A value may have a megabyte. */
export const rowsAtOnce = 50;
