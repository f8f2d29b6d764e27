import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { connect, Database } from './database.ts';
import { damagedFile, type FileFacts, foreignFile, isBusy, newerFile } from './failures.ts';
import { applicationId, migrate, pragma, schemaVersion, versionOf } from './migrations.ts';

/** Files up to this size are read through when they are opened: about 0.1 s. */
const checkedBytes = 64 * 1024 * 1024;

const magic = 'SQLite format 3\0';
const pollMs = 20;

/**
 * Opens our file, or makes one. A file that is damaged, somebody else's or newer is refused before
 * anything is written, and never replaced.
 *
 * @throws RefusedError, and whatever SQLite and the file system throw
 */
export function openFile(facts: FileFacts): Database {
  makeFile(facts.file);
  refuseOther(facts);
  const connection = connect(facts.file, facts.busyTimeoutMs);
  try {
    retryBusy(facts.busyTimeoutMs, () => prepare(connection, facts));
    return new Database(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** For the owner alone: services keep what they would not show around. */
function makeFile(file: string): void {
  makeFolder(dirname(file));
  closeSync(openSync(file, 'a', 0o600));
}

/** Not with `recursive`, which never returns where a file system says ENOENT to every new folder. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else was faster.
    if (!existsSync(folder)) throw error;
  }
}

/** What can be told without SQLite, which would clear away a log whose database is gone. */
function refuseOther(facts: FileFacts): void {
  const { file } = facts;
  // The log first: another process may just be making the file, which is never empty beside a log.
  const hasLog = sizeOf(`${file}-wal`) > 0;
  const size = sizeOf(file);
  if (size === 0 && hasLog) {
    throw damagedFile(facts, `The file is empty, but ${file}-wal is not.`);
  }
  if (size > 0 && !beginningOf(file).equals(Buffer.from(magic))) {
    throw damagedFile(facts, 'It does not begin as a SQLite database does.');
  }
}

function prepare(connection: DatabaseSync, facts: FileFacts): void {
  const isOurs = identify(connection, facts);
  if (isOurs && sizeOf(facts.file) <= checkedBytes) refuseDamaged(connection, facts);
  // Before the log is switched on: a log is only ever beside a file that says whose it is.
  migrate(connection);
  connection.exec('PRAGMA journal_mode = WAL');
  connection.exec('PRAGMA synchronous = FULL');
  connection.exec(`PRAGMA journal_size_limit = ${checkedBytes}`);
}

/** Whether it is ours, or empty; looked at in one piece, as another process may just be making it. */
function identify(connection: DatabaseSync, { file }: FileFacts): boolean {
  connection.exec('BEGIN');
  try {
    const isOurs = pragma(connection, 'application_id') === applicationId;
    if (!isOurs && !isEmpty(connection)) {
      throw foreignFile(file, 'the database of another application');
    }
    const version = versionOf(connection);
    if (version > schemaVersion) throw newerFile(file, version, schemaVersion);
    return isOurs;
  } finally {
    if (connection.isTransaction) connection.exec('ROLLBACK');
  }
}

function isEmpty(connection: DatabaseSync): boolean {
  return (
    pragma(connection, 'application_id') === 0 &&
    versionOf(connection) === 0 &&
    connection.prepare('SELECT 1 FROM sqlite_schema').get() === undefined
  );
}

function refuseDamaged(connection: DatabaseSync, facts: FileFacts): void {
  const found = connection.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  if (found !== 'ok') throw damagedFile(facts, String(found));
}

/** Switching to the log does not wait for others by itself. Real time, as SQLite's own waiting is. */
function retryBusy(limitMs: number, step: () => void): void {
  const endsAt = performance.now() + limitMs;
  for (;;) {
    try {
      return step();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= endsAt) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function beginningOf(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(magic.length);
    readSync(descriptor, bytes, 0, bytes.length, 0);
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}
