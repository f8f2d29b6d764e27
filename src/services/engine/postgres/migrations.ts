import type { PostgresFacts } from './address.ts';
import type { Connection } from './connection.ts';
import { foreignSchema, newerSchema } from './failures.ts';
import { lockName } from './locks.ts';

/**
 * What leads from one version of the schema to the next; the version is how many of them it has been
 * through. None is ever changed: what they made is out there. Texts are compared byte by byte, so
 * that keys have one order everywhere.
 */
const migrations: readonly string[] = [
  `CREATE TABLE $schema.entry (
     owner text COLLATE "C" NOT NULL,
     store text COLLATE "C" NOT NULL,
     key text COLLATE "C" NOT NULL,
     value text NOT NULL,
     expires_at bigint,
     PRIMARY KEY (owner, store, key)
   );
   CREATE INDEX entry_expires_at ON $schema.entry (expires_at) WHERE expires_at IS NOT NULL;
   CREATE TABLE $schema.revision (
     owner text COLLATE "C" PRIMARY KEY,
     revision bigint NOT NULL
   );
   CREATE TABLE $schema.job (
     seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     id text COLLATE "C" NOT NULL UNIQUE,
     queue text COLLATE "C" NOT NULL,
     state text COLLATE "C" NOT NULL,
     payload text NOT NULL,
     priority integer NOT NULL,
     key text COLLATE "C",
     idempotency_key text COLLATE "C",
     workspace_id text,
     trigger text NOT NULL,
     traceparent text,
     attempt integer NOT NULL DEFAULT 0,
     max_attempts integer NOT NULL,
     fence bigint NOT NULL DEFAULT 0,
     added_at bigint NOT NULL,
     due_at bigint,
     ready_at bigint,
     started_at bigint,
     ended_at bigint,
     lease_until bigint,
     holder text,
     is_cancelling boolean NOT NULL DEFAULT false,
     progress text,
     result text,
     error text,
     reason text,
     forget_at bigint
   ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02,
     autovacuum_vacuum_cost_delay = 0);
   CREATE UNIQUE INDEX job_idempotency ON $schema.job (queue, idempotency_key)
     WHERE idempotency_key IS NOT NULL;
   CREATE INDEX job_ready ON $schema.job (queue, priority DESC, seq) WHERE state = 'ready';
   CREATE INDEX job_scheduled ON $schema.job (queue, due_at) WHERE state = 'scheduled';
   CREATE INDEX job_active ON $schema.job (queue, lease_until) WHERE state = 'active';
   CREATE INDEX job_active_of_key ON $schema.job (queue, key)
     WHERE state = 'active' AND key IS NOT NULL;
   CREATE INDEX job_held ON $schema.job (queue, key, priority DESC, seq) WHERE state = 'held';
   CREATE INDEX job_open_of_key ON $schema.job (queue, key, seq)
     WHERE ended_at IS NULL AND key IS NOT NULL;
   CREATE INDEX job_ended ON $schema.job (queue, state, ended_at) WHERE ended_at IS NOT NULL;
   CREATE INDEX job_forget ON $schema.job (forget_at) WHERE forget_at IS NOT NULL;
   CREATE TABLE $schema.paused_queue (queue text COLLATE "C" PRIMARY KEY);
   CREATE TABLE $schema.job_claim (
     queue text COLLATE "C" NOT NULL,
     at bigint NOT NULL,
     claims integer NOT NULL
   );
   CREATE INDEX job_claim_at ON $schema.job_claim (queue, at);
   CREATE TABLE $schema.history (
     seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     system text COLLATE "C" NOT NULL,
     run text NOT NULL,
     at bigint NOT NULL,
     path text COLLATE "C" NOT NULL,
     event text NOT NULL
   );
   CREATE INDEX history_path ON $schema.history (system, path, seq);
   CREATE INDEX history_at ON $schema.history (system, at);
   CREATE TABLE $schema.lease (
     name text COLLATE "C" PRIMARY KEY,
     token bigint NOT NULL,
     holder text NOT NULL,
     until bigint NOT NULL,
     ttl_ms bigint NOT NULL,
     is_free boolean NOT NULL
   );
   CREATE TABLE $schema.tick (
     schedule text COLLATE "C" NOT NULL,
     due_at bigint NOT NULL,
     PRIMARY KEY (schedule, due_at)
   );`,
];

const knownVersion = migrations.length;

/**
 * Brings the schema to our version: all of the way or not at all, and only one process at a time. A
 * schema that is somebody else's, or newer, is left as it is.
 *
 * @throws RefusedError, and whatever the server says
 */
export async function migrate(connection: Connection, facts: PostgresFacts): Promise<void> {
  if ((await versionOf(connection, facts)) === knownVersion) return;
  await connection.send({ text: 'BEGIN' });
  try {
    const text = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';
    await connection.send({ text, values: [lockName(facts.schema, 'migration')] });
    // Another process may have been faster.
    const version = await versionOf(connection, facts);
    for (const text of stepsFrom(version, facts.schema)) await connection.send({ text });
    await connection.send({ text: 'COMMIT' });
  } catch (error) {
    if (!connection.isOver) await connection.send({ text: 'ROLLBACK' });
    throw error;
  }
}

function stepsFrom(version: number | undefined, schema: string): string[] {
  if (version === knownVersion) return [];
  const table = `"${schema}".daruma_version`;
  return [
    ...(version === undefined ? [`CREATE TABLE ${table} (version integer NOT NULL)`] : []),
    ...migrations.slice(version ?? 0).map((step) => step.replaceAll('$schema', `"${schema}"`)),
    `DELETE FROM ${table}`,
    `INSERT INTO ${table} VALUES (${knownVersion})`,
  ];
}

/** undefined: there is nothing of ours yet, and nothing of others. Makes the schema itself. */
async function versionOf(
  connection: Connection,
  { url, schema }: PostgresFacts,
): Promise<number | undefined> {
  const { rows } = await connection.send({
    text: `SELECT to_regclass($2) IS NOT NULL AS is_ours,
             EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS is_there,
             EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                     WHERE nspname = $1) AS is_used`,
    values: [schema, `"${schema}".daruma_version`],
  });
  const found = rows[0] as { is_ours: boolean; is_there: boolean; is_used: boolean };
  if (found.is_ours) return await readVersion(connection, { url, schema });
  if (found.is_used) throw foreignSchema({ url, schema });
  // Whoever may not make one can be given one.
  if (!found.is_there) await connection.send({ text: `CREATE SCHEMA IF NOT EXISTS "${schema}"` });
  return undefined;
}

async function readVersion(
  connection: Connection,
  place: Pick<PostgresFacts, 'url' | 'schema'>,
): Promise<number | undefined> {
  const text = `SELECT version FROM "${place.schema}".daruma_version`;
  const { rows } = await connection.send({ text });
  const version = (rows[0] as { readonly version: number } | undefined)?.version;
  if (version !== undefined && version > knownVersion) {
    throw newerSchema(place, version, knownVersion);
  }
  return version;
}
