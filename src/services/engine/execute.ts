import type { Database } from './database.ts';
import type { EngineFailure, Outcome, Request, Step } from './engine.ts';
import { operations, reads } from './operations.ts';

type AnyOperation = (database: Database, args: unknown) => unknown;

/**
 * Runs a group of requests in one transaction, so that they share one commit. Each counts by itself:
 * one that fails takes nothing of the others along, unless it is the commit that fails.
 */
export function execute(
  database: Database,
  group: readonly Request[],
  failureOf: (error: unknown) => EngineFailure,
): Outcome[] {
  if (group.length === 0) return [];
  const changesNothing = group.every(({ steps }) => steps.every(([name]) => reads.has(name)));
  try {
    database.run(changesNothing ? 'BEGIN' : 'BEGIN IMMEDIATE');
    const outcomes = group.map((request) => attempt(database, request, failureOf));
    database.run('COMMIT');
    return outcomes;
  } catch (error) {
    const failure = failureOf(error);
    if (database.isTransaction) database.run('ROLLBACK');
    return group.map(() => ({ failure }));
  }
}

function attempt(
  database: Database,
  { steps, isRehearsal }: Request,
  failureOf: (error: unknown) => EngineFailure,
): Outcome {
  database.run('SAVEPOINT request');
  try {
    const results = steps.map((step) => take(database, step));
    if (isRehearsal) database.run('ROLLBACK TO request');
    database.run('RELEASE request');
    return { results };
  } catch (error) {
    // Of some errors SQLite rolls everything back by itself: then the whole group has failed.
    if (!database.isTransaction) throw error;
    database.run('ROLLBACK TO request');
    database.run('RELEASE request');
    return { failure: failureOf(error) };
  }
}

function take(database: Database, [name, args]: Step): unknown {
  return (operations[name] as AnyOperation)(database, args);
}
