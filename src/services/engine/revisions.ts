import type { Database } from './database.ts';
import { ConflictError } from './failures.ts';

export interface Owner {
  /** The path of the service. */
  readonly owner: string;
}

export const revisionReads = [
  'revision.read',
  'revision.expect',
] as const satisfies readonly (keyof typeof revisionOperations)[];

/** Whether anything of a service has changed meanwhile: transactions are built on it. */
export const revisionOperations = {
  'revision.read': readRevision,

  /** Fails the whole request when anything of its owner was changed since. */
  'revision.expect'(
    database: Database,
    { owner, revision }: Owner & { readonly revision: number },
  ): void {
    const found = readRevision(database, { owner });
    if (found !== revision) throw new ConflictError(revision, found);
  },
};

function readRevision(database: Database, { owner }: Owner): number {
  const row = database.get('SELECT revision FROM revision WHERE owner = :owner', { owner });
  return Number(row?.revision ?? 0);
}

/** Every change of what belongs to a service moves its revision on. */
export function nextRevision(database: Database, owner: string): void {
  database.run(
    `INSERT INTO revision (owner, revision) VALUES (:owner, 1)
     ON CONFLICT (owner) DO UPDATE SET revision = revision + 1`,
    { owner },
  );
}
