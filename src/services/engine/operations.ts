import { entryOperations, entryReads } from './entries.ts';
import { historyOperations, historyReads } from './history.ts';
import { jobOperations, jobReads } from './jobs/operations.ts';
import { leaseOperations, leaseReads } from './leases.ts';
import { revisionOperations, revisionReads } from './revisions.ts';
import { tickOperations, tickReads } from './ticks.ts';

/**
 * Everything that an engine can do, by name. An operation is a function of the database and of plain
 * data; it runs inside the transaction of its request, on whatever thread the database lives.
 */
export const operations = {
  ...entryOperations,
  ...revisionOperations,
  ...jobOperations,
  ...historyOperations,
  ...leaseOperations,
  ...tickOperations,
};

export type Operations = typeof operations;

/** Those that change nothing: a group of them needs no write lock. */
export const reads: ReadonlySet<string> = new Set<keyof Operations>([
  ...entryReads,
  ...leaseReads,
  ...revisionReads,
  ...jobReads,
  ...historyReads,
  ...tickReads,
]);
