import type { DatabaseSync } from 'node:sqlite';

/** 'DRMA': how our files are told from those of others. */
export const applicationId = 0x44524d41;

/**
 * What leads from one version of the schema to the next; the version of a file is how many of them it
 * has been through. None is ever changed: what they made is out there.
 */
const migrations: readonly string[] = [
  `CREATE TABLE entry (
     id INTEGER PRIMARY KEY,
     owner TEXT NOT NULL,
     store TEXT NOT NULL,
     key TEXT NOT NULL,
     value TEXT NOT NULL,
     expires_at INTEGER,
     UNIQUE (owner, store, key)
   ) STRICT;
   CREATE INDEX entry_expires_at ON entry (expires_at) WHERE expires_at IS NOT NULL;
   CREATE TABLE revision (
     owner TEXT PRIMARY KEY,
     revision INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE lease (
     name TEXT PRIMARY KEY,
     token INTEGER NOT NULL,
     holder TEXT NOT NULL,
     until INTEGER NOT NULL,
     ttl_ms INTEGER NOT NULL,
     is_free INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE tick (
     schedule TEXT NOT NULL,
     due_at INTEGER NOT NULL,
     PRIMARY KEY (schedule, due_at)
   ) STRICT, WITHOUT ROWID;`,
];

export const schemaVersion = migrations.length;

export function versionOf(connection: DatabaseSync): number {
  return pragma(connection, 'user_version');
}

export function pragma(connection: DatabaseSync, name: string): number {
  return Number(connection.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** Brings a file, or an empty one, to our version: all of the way or not at all. */
export function migrate(connection: DatabaseSync): void {
  if (versionOf(connection) === schemaVersion) return;
  connection.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have been faster.
    for (const step of migrations.slice(versionOf(connection))) connection.exec(step);
    connection.exec(`PRAGMA application_id = ${applicationId}`);
    connection.exec(`PRAGMA user_version = ${schemaVersion}`);
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}
