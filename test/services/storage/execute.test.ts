import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../../src/services/engine/database.ts';
import type { Outcome, Request, Step } from '../../../src/services/engine/engine.ts';
import { execute } from '../../../src/services/engine/execute.ts';
import { failureOf } from '../../../src/services/engine/failures.ts';
import { openFile } from '../../../src/services/engine/open-file.ts';
import { freshFile } from './keeper.ts';

const facts = { file: freshFile(), busyTimeoutMs: 50 };

function open(): { readonly database: Database; readonly file: string } {
  const file = freshFile();
  return { database: openFile({ ...facts, file }), file };
}

function run(database: Database, ...group: (readonly Step[])[]): readonly Outcome[] {
  const requests: Request[] = group.map((steps) => ({ steps, isRehearsal: false }));
  return execute(database, requests, (error) => failureOf(error, facts));
}

const place = { owner: 'app/a', store: '', now: 0 };
const set = (key: string, value = '1'): Step => [
  'entries.set',
  { ...place, key, value, expiresAt: null },
];
const expectRevision = (revision: number): Step => [
  'revision.expect',
  { owner: 'app/a', revision },
];
const size: Step = ['entries.size', place];
const codesOf = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => ('failure' in outcome ? outcome.failure.code : 'done'));

describe('a group of requests', () => {
  it('shares a commit, and one that fails takes nothing of the others along', () => {
    const { database } = open();
    const outcomes = run(
      database,
      [set('a')],
      [set('b'), expectRevision(7), set('c')],
      [set('d')],
      [size],
    );

    expect(codesOf(outcomes)).toEqual(['done', 'DARUMA_TRANSACTION_CONFLICT', 'done', 'done']);
    expect(outcomes[3]).toEqual({ results: [2] });
    database.close();
  });

  it('keeps nothing of a rehearsal, whose results are those that it would have', () => {
    const { database } = open();
    const rehearsal = { steps: [set('a'), size], isRehearsal: true };
    const look = { steps: [size], isRehearsal: false };
    const outcomes = execute(database, [rehearsal, look], (error) => failureOf(error, facts));

    expect(outcomes).toEqual([{ results: [undefined, 1] }, { results: [0] }]);
    database.close();
  });

  it('that finds no room fails as a whole, and leaves what was there', () => {
    const { database, file } = open();
    run(database, [set('before')]);
    const pages = Number(database.get('PRAGMA page_count')?.page_count);
    database.connection.exec(`PRAGMA max_page_count = ${pages + 4}`);
    const outcomes = run(database, [set('small')], [set('large', 'x'.repeat(100_000))], [size]);

    expect(new Set(codesOf(outcomes))).toEqual(new Set(['DARUMA_STORAGE_FULL']));
    database.connection.exec('PRAGMA max_page_count = 1000000');
    expect(run(database, [set('after')], [size])[1]).toEqual({ results: [2] });
    database.close();
    const left = new DatabaseSync(file).prepare('PRAGMA integrity_check').get();
    expect(left).toEqual({ integrity_check: 'ok' });
  });

  it('is on disk when it is done', () => {
    const { database } = open();

    expect(database.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' });
    // 2 is FULL: an fsync for each commit.
    expect(database.get('PRAGMA synchronous')).toEqual({ synchronous: 2 });
    database.close();
  });

  it('that only reads does not wait for a writer', () => {
    const { database, file } = open();
    run(database, [set('a')]);
    const writer = new DatabaseSync(file);
    writer.exec('BEGIN IMMEDIATE');

    expect(run(database, [size])).toEqual([{ results: [1] }]);
    expect(codesOf(run(database, [size], [set('b')]))).toEqual([
      'DARUMA_STORAGE_BUSY',
      'DARUMA_STORAGE_BUSY',
    ]);
    writer.close();
    database.close();
  });
});
