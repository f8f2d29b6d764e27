import { resolve } from 'node:path';
import { type Duration, parseDuration } from '../../../actors/rules/duration.ts';
import { redact } from '../../config.ts';
import { didYouMean } from '../../define/did-you-mean.ts';
import { isPlain } from '../../define/recorded.ts';
import { show } from '../../define/show.ts';
import { DarumaError } from '../../errors.ts';
import { addressFault, schemaFault } from '../engine/postgres/address.ts';

interface CommonOptions {
  /** What one value may take as JSON, in bytes as UTF-8. @default 1048576: 1 MiB */
  readonly maxValueBytes?: number;
  /** What may wait to be written, in bytes; beyond that, calls are refused. @default 67108864: 64 MiB */
  readonly maxPendingBytes?: number;
}

/** A SQLite file of this machine. */
export interface FileStorageOptions extends CommonOptions {
  /**
   * A SQLite file, made with its folder when something is stored or looked up for the first time.
   * Relative to the folder that the process was started in.
   *
   * @default '.daruma/<name of the root>.sqlite'
   */
  readonly file?: string;
  /** How long to wait for another process that has the file locked. @default '5s' */
  readonly busyTimeout?: Duration;
}

/** Tables of a PostgreSQL server, which several machines may share. Needs the package `pg`. */
export interface PostgresStorageOptions extends CommonOptions {
  /**
   * `postgres://user:password@host:5432/database`. What it leaves out is taken from the variables
   * PGHOST, PGUSER, PGPASSWORD and so on, or from ~/.pgpass.
   */
  readonly postgres: string;
  /** Where its tables are; made when it is used for the first time. @default 'daruma' */
  readonly schema?: string;
  /** How long a call waits for a connection while there is none. @default '10s' */
  readonly connectWithin?: Duration;
}

export type StorageOptions = FileStorageOptions | PostgresStorageOptions;

/** As `PostgresStorageOptions.postgres` alone. */
export type PostgresAddress = `postgres://${string}` | `postgresql://${string}`;

/** Where it is kept. */
export type StoragePlace =
  | { readonly kind: 'memory' }
  /** undefined: the default, which the name of the root is part of. */
  | { readonly kind: 'file'; readonly file: string | undefined; readonly busyTimeoutMs: number }
  | {
      readonly kind: 'postgres';
      readonly url: string;
      readonly schema: string;
      readonly connectWithinMs: number;
    };

export interface StorageSettings {
  readonly place: StoragePlace;
  readonly maxValueBytes: number;
  readonly maxPendingBytes: number;
}

export const storageDefaults = Object.freeze({
  maxValueBytes: 1024 * 1024,
  maxPendingBytes: 64 * 1024 * 1024,
  busyTimeout: 5_000,
  schema: 'daruma',
  connectWithin: 10_000,
});

const common = ['maxValueBytes', 'maxPendingBytes'];
const known = {
  file: ['file', 'busyTimeout', ...common],
  postgres: ['postgres', 'schema', 'connectWithin', ...common],
};

/** @throws DARUMA_INVALID_OPTION, DARUMA_UNKNOWN_OPTION, DARUMA_INVALID_DURATION */
export function readStorage(given: unknown = {}): StorageSettings {
  if (given === 'memory') return { ...readLimits({}), place: { kind: 'memory' } };
  if (typeof given === 'string' && given.includes('://')) return readStorage({ postgres: given });
  if (!isPlain(given)) {
    throw fault(
      'DARUMA_INVALID_OPTION',
      `storage is ${show(given)}; it must be 'memory', the address of a PostgreSQL database or an object of options.`,
      "storage: { file: 'data/app.sqlite' }",
    );
  }
  const kind = 'postgres' in given ? 'postgres' : 'file';
  refuseUnknown(given, kind);
  const place = kind === 'file' ? readFilePlace(given) : readPostgresPlace(given);
  return { ...readLimits(given), place };
}

/** Where a root of this name keeps its things when nobody says otherwise. */
export function defaultFile(rootName: string): string {
  return resolve('.daruma', `${encodeURIComponent(rootName)}.sqlite`);
}

type Given = Readonly<Record<string, unknown>>;

function refuseUnknown(given: Given, kind: keyof typeof known): void {
  for (const name of Object.keys(given)) {
    if (known[kind].includes(name)) continue;
    const isOfOther = known[kind === 'file' ? 'postgres' : 'file'].includes(name);
    const message = isOfOther
      ? `storage.${name} does not go with ${kind === 'file' ? 'a file' : 'storage.postgres'}.`
      : `there is no option storage.${name}.`;
    const hint = didYouMean(name, known[kind]) ?? `Options: ${known[kind].join(', ')}.`;
    throw fault('DARUMA_UNKNOWN_OPTION', message, hint);
  }
}

function readFilePlace({ file, busyTimeout }: Given): StoragePlace {
  const busyTimeoutMs = readDuration('busyTimeout', busyTimeout);
  if (file === undefined) return { kind: 'file', file, busyTimeoutMs };
  if (typeof file === 'string' && file !== '' && file !== ':memory:') {
    return { kind: 'file', file: resolve(file), busyTimeoutMs };
  }
  const message = `storage.file is ${show(file)}; it must be the name of a file.`;
  throw fault('DARUMA_INVALID_OPTION', message, "For nothing but memory: storage: 'memory'.");
}

function readPostgresPlace({
  postgres,
  schema = storageDefaults.schema,
  connectWithin,
}: Given): StoragePlace {
  const problem = addressFault(postgres);
  if (problem !== undefined) {
    // Not even a part of it is shown: it may be one of the password.
    const hint = "postgres: 'postgres://user:password@host:5432/database'";
    throw fault('DARUMA_INVALID_OPTION', `storage.postgres ${problem}.`, hint);
  }
  const schemaProblem = schemaFault(schema);
  if (schemaProblem !== undefined) {
    const message = `storage.schema is ${redact(show(schema))}; it ${schemaProblem}.`;
    throw fault('DARUMA_INVALID_OPTION', message);
  }
  return {
    kind: 'postgres',
    url: postgres as string,
    schema: schema as string,
    connectWithinMs: readDuration('connectWithin', connectWithin),
  };
}

function readLimits(given: Given): Pick<StorageSettings, 'maxValueBytes' | 'maxPendingBytes'> {
  return {
    maxValueBytes: readBytes('maxValueBytes', given.maxValueBytes),
    maxPendingBytes: readBytes('maxPendingBytes', given.maxPendingBytes),
  };
}

function readBytes(name: 'maxValueBytes' | 'maxPendingBytes', value: unknown): number {
  if (value === undefined) return storageDefaults[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  const message = `storage.${name} is ${show(value)}; it must be a whole number of bytes, 1 or more.`;
  throw fault('DARUMA_INVALID_OPTION', message);
}

function readDuration(name: 'busyTimeout' | 'connectWithin', value: unknown): number {
  if (value === undefined) return storageDefaults[name];
  const ms = parseDuration(value);
  if (ms !== undefined) return Math.ceil(ms);
  const message = `storage.${name} is ${show(value)}; it must be a duration.`;
  throw fault('DARUMA_INVALID_DURATION', message);
}

function fault(code: DarumaError['code'], message: string, hint?: string): DarumaError {
  return new DarumaError(code, message, hint === undefined ? {} : { hint });
}
