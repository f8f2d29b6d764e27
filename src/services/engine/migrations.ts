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
  `CREATE TABLE job (
     seq INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     queue TEXT NOT NULL,
     state TEXT NOT NULL,
     payload TEXT NOT NULL,
     priority INTEGER NOT NULL,
     key TEXT,
     idempotency_key TEXT,
     workspace_id TEXT,
     trigger TEXT NOT NULL,
     traceparent TEXT,
     attempt INTEGER NOT NULL DEFAULT 0,
     max_attempts INTEGER NOT NULL,
     fence INTEGER NOT NULL DEFAULT 0,
     added_at INTEGER NOT NULL,
     due_at INTEGER,
     ready_at INTEGER,
     started_at INTEGER,
     ended_at INTEGER,
     lease_until INTEGER,
     holder TEXT,
     is_cancelling INTEGER NOT NULL DEFAULT 0,
     progress TEXT,
     result TEXT,
     error TEXT,
     reason TEXT,
     forget_at INTEGER
   ) STRICT;
   CREATE UNIQUE INDEX job_idempotency ON job (queue, idempotency_key)
     WHERE idempotency_key IS NOT NULL;
   CREATE INDEX job_ready ON job (queue, priority DESC, seq, ready_at) WHERE state = 'ready';
   CREATE INDEX job_scheduled ON job (queue, due_at) WHERE state = 'scheduled';
   CREATE INDEX job_active ON job (queue, lease_until) WHERE state = 'active';
   CREATE INDEX job_active_of_key ON job (queue, key) WHERE state = 'active' AND key IS NOT NULL;
   CREATE INDEX job_held ON job (queue, key, priority DESC, seq) WHERE state = 'held';
   CREATE INDEX job_open_of_key ON job (queue, key, seq) WHERE ended_at IS NULL AND key IS NOT NULL;
   CREATE INDEX job_ended ON job (queue, state, ended_at) WHERE ended_at IS NOT NULL;
   CREATE INDEX job_forget ON job (forget_at) WHERE forget_at IS NOT NULL;
   CREATE TABLE paused_queue (queue TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
   CREATE TABLE job_claim (queue TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
   CREATE INDEX job_claim_at ON job_claim (queue, at);`,
  `CREATE TABLE history (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     system TEXT NOT NULL,
     run TEXT NOT NULL,
     at INTEGER NOT NULL,
     path TEXT NOT NULL,
     event TEXT NOT NULL
   ) STRICT;
   CREATE INDEX history_path ON history (system, path, seq);
   CREATE INDEX history_at ON history (system, at);`,
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
