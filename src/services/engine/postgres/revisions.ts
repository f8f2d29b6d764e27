import type { ArgsOf } from '../engine.ts';
import { ConflictError } from '../failures.ts';
import type { Session } from './session.ts';

export const revisionOperations = {
  'revision.read': readRevision,

  async 'revision.expect'(
    session: Session,
    { owner, revision }: ArgsOf<'revision.expect'>,
  ): Promise<void> {
    const found = await readRevision(session, { owner });
    if (found !== revision) throw new ConflictError(revision, found);
  },
};

async function readRevision(session: Session, { owner }: ArgsOf<'revision.read'>): Promise<number> {
  const sql = 'SELECT revision FROM $schema.revision WHERE owner = :owner';
  return Number((await session.row(sql, { owner }))?.revision ?? 0);
}
