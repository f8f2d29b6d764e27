import type { ArgsOf } from '../engine.ts';
import { forgottenForEach, type HistoryRow } from '../history.ts';
import type { Session } from './session.ts';

export const historyOperations = {
  async 'history.append'(
    session: Session,
    { system, run, entries, forgetBefore }: ArgsOf<'history.append'>,
  ): Promise<void> {
    const given = entries.map((entry) => ({ ...entry, at: session.toServer(entry.at) }));
    const added = session.run(
      `INSERT INTO $schema.history (system, run, at, path, event)
       SELECT :system, :run, at, path, event FROM ROWS FROM (json_to_recordset(:given::json)
         AS (at bigint, path text, event text)) WITH ORDINALITY AS given ORDER BY ordinality`,
      { system, run, given: JSON.stringify(given) },
    );
    const forgotten =
      forgetBefore !== null &&
      session.run(
        `DELETE FROM $schema.history WHERE seq IN (SELECT seq FROM $schema.history
           WHERE system = :system AND at < :before ORDER BY at LIMIT :limit FOR UPDATE SKIP LOCKED)`,
        {
          system,
          before: session.toServer(forgetBefore),
          limit: forgottenForEach * entries.length,
        },
      );
    await Promise.all([added, forgotten]);
  },

  async 'history.read'(session: Session, query: ArgsOf<'history.read'>): Promise<HistoryRow[]> {
    const rows = await session.rows<HistoryRow>(
      `SELECT seq, run, at, path, event FROM $schema.history
       WHERE system = :system AND seq < coalesce(:before, 9223372036854775807)
         AND (path = :path OR (path > :path || '/' AND path < :path || '0'))
       ORDER BY seq DESC LIMIT :limit`,
      { ...query },
    );
    return rows.map((row) => ({ ...row, at: session.toLocal(row.at) }));
  },
};
