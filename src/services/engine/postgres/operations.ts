import type { ArgsOf, ResultOf, Step } from '../engine.ts';
import type { Operations } from '../operations.ts';
import { entryOperations } from './entries.ts';
import { historyOperations } from './history.ts';
import { addingOperations, addMany } from './jobs/adding.ts';
import { claimingOperations } from './jobs/claiming.ts';
import { managingOperations } from './jobs/managing.ts';
import { queryOperations } from './jobs/queries.ts';
import { settleMany, settlingOperations } from './jobs/settling.ts';
import { leaseOperations } from './leases.ts';
import { revisionOperations } from './revisions.ts';
import type { Session } from './session.ts';
import { tickOperations } from './ticks.ts';

/** The operations of every engine, as PostgreSQL does them. */
export const operations: {
  readonly [Name in keyof Operations]: (
    session: Session,
    args: ArgsOf<Name>,
  ) => Promise<ResultOf<Name>>;
} = {
  ...entryOperations,
  ...revisionOperations,
  ...addingOperations,
  ...claimingOperations,
  ...settlingOperations,
  ...managingOperations,
  ...queryOperations,
  ...historyOperations,
  ...leaseOperations,
  ...tickOperations,
};

/** They change and lock nothing: whatever is wrong with them is nobody else's business. */
export const lookups: ReadonlySet<Step[0]> = new Set<Step[0]>([
  'entries.get',
  'entries.has',
  'entries.list',
  'entries.size',
  'revision.read',
  'revision.expect',
  'jobs.get',
  'jobs.list',
  'jobs.counts',
  'history.read',
  'leases.read',
  'ticks.last',
]);

/** Their failure is found here and not by the server: the commit has to wait for their answer. */
export const expectations: ReadonlySet<Step[0]> = new Set<Step[0]>([
  'revision.expect',
  'jobs.expect',
  'leases.expect',
  'ticks.take',
]);

/** Whether it needs the answer to one statement for the next one. */
export function takesTurns([name, args]: Step): boolean {
  return name === 'jobs.claim' && (args.perKey !== null || args.rate !== null);
}

/** Neighbours in a group that are carried out together; several of one job never are. */
export const together: {
  readonly [Name in keyof Operations]?: (
    session: Session,
    args: readonly ArgsOf<Name>[],
  ) => Promise<readonly ResultOf<Name>[]>;
} = { 'jobs.add': addMany, 'jobs.settle': settleMany };
