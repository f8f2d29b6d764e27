import { formatDuration } from '../../../../actors/rules/duration.ts';
import type { EngineFailure, FailureCode } from '../engine.ts';
import { ConflictError, conflictFailure, RefusedError } from '../failures.ts';
import { type PostgresFacts, placeOf, withoutSecrets } from './address.ts';

type Place = Pick<PostgresFacts, 'url' | 'schema'>;

/** What a server says with a code of five characters. */
interface ServerError {
  readonly code: string;
  readonly message: string;
}

/** What has to do with the moment: the same would work when tried again. */
const momentary = new Set(['40001', '40P01', '55P03', '25006']);

const codes: Readonly<Record<string, FailureCode>> = {
  '40001': 'DARUMA_STORAGE_BUSY',
  '40P01': 'DARUMA_STORAGE_BUSY',
  '55P03': 'DARUMA_STORAGE_BUSY',
  '57014': 'DARUMA_STORAGE_BUSY',
  '53100': 'DARUMA_STORAGE_FULL',
  '53200': 'DARUMA_STORAGE_FULL',
  '54000': 'DARUMA_STORAGE_FULL',
};

const hints: Readonly<Record<string, string>> = {
  '28P01':
    'Check user and password in the address; in it, special characters are written as %40 and the like.',
  '28000': 'Check user and host against pg_hba.conf of the server.',
  '3D000': 'CREATE DATABASE, or name another one in the address.',
  '3F000': 'CREATE SCHEMA, or let the user make it: GRANT CREATE ON DATABASE … TO ….',
  '42501':
    'The user has to own the schema, or: GRANT CREATE ON DATABASE … TO …. docs/postgres.md has the rights that are needed.',
  '26000':
    'Usual cause: PgBouncer that pools by transaction without prepared statements. Set max_prepared_statements, or pool by session.',
  '42P05':
    'Usual cause: PgBouncer that pools by transaction without prepared statements. Set max_prepared_statements, or pool by session.',
};

export function isServerError(error: unknown): error is ServerError {
  const { code, severity } = error as { readonly code?: unknown; readonly severity?: unknown };
  return typeof code === 'string' && typeof severity === 'string';
}

/** Whether a transaction is worth another try, unchanged. */
export function isMomentary(error: unknown): boolean {
  return isServerError(error) && momentary.has(error.code);
}

/** The consequence of an error before it in the same transaction. */
export function isConsequence(error: unknown): boolean {
  return isServerError(error) && error.code === '25P02';
}

/** What an error of the server, or of an operation, means for a request. */
export function failureOf(error: unknown, facts: PostgresFacts): EngineFailure {
  if (error instanceof RefusedError) return error.failure;
  if (error instanceof ConflictError) return conflictFailure(error);
  const code = (isServerError(error) && codes[error.code]) || 'DARUMA_STORAGE_UNUSABLE';
  const cause = causeOf(error, facts);
  return { code, ...texts[code as keyof typeof texts](facts, cause, error), cause };
}

const texts = {
  DARUMA_STORAGE_BUSY: (facts: PostgresFacts) => ({
    message: `Others had what is needed of ${placeOf(facts)} locked, again and again; nothing was written.`,
    hint: 'Usual cause: a tool that has a transaction open on the tables, or a maintenance job. Close it.',
  }),
  DARUMA_STORAGE_FULL: (facts: PostgresFacts) => ({
    message: `The server of ${placeOf(facts)} has no room left; what was there before is intact.`,
    hint: 'Make room on the server. The next write is tried again.',
  }),
  DARUMA_STORAGE_UNUSABLE: (facts: PostgresFacts, cause: string, error: unknown) => ({
    message: `${placeOf(facts)} cannot be used: ${cause}.`,
    hint:
      (isServerError(error) && hints[error.code]) ||
      'Usual cause: an address, rights or settings that do not fit.',
  }),
};

export function lostFailure(facts: PostgresFacts, error: unknown): EngineFailure {
  const cause = causeOf(error, facts);
  return {
    code: 'DARUMA_STORAGE_LOST',
    message: `The connection to ${placeOf(facts)} was lost: ${cause}. Whether a write that was under way is stored is not known.`,
    hint: 'Read again to find out. Usual cause: the server was restarted, or a firewall has cut the connection.',
    cause,
  };
}

/** @param awayForMs undefined: it has just been found out */
export function unreachableFailure(
  facts: PostgresFacts,
  error: unknown,
  awayForMs?: number,
): EngineFailure {
  const cause = causeOf(error, facts);
  const how =
    awayForMs === undefined
      ? `is out of reach: ${cause}. Calls wait for ${formatDuration(facts.connectWithinMs)}`
      : `was out of reach for ${formatDuration(awayForMs)}: ${cause}. Nothing was written`;
  return {
    code: 'DARUMA_STORAGE_UNREACHABLE',
    message: `${placeOf(facts)} ${how} (storage.connectWithin).`,
    hint: 'Usual cause: the server is down, or still starting; or host and port are wrong. It is tried again.',
    cause,
  };
}

/** What no waiting will mend: somebody has to change something. */
export function isLasting(error: unknown): boolean {
  if (error instanceof RefusedError) return true;
  return isServerError(error) && /^(28|3D|3F|42|0A|58)/.test(error.code);
}

export function foreignSchema(place: Place): RefusedError {
  return new RefusedError({
    code: 'DARUMA_STORAGE_FOREIGN',
    message: `${placeOf(place)} has tables of another application. It was left as it is.`,
    hint: "Name another schema: createSystem(app, { storage: { postgres, schema: 'jobs' } }).",
  });
}

export function newerSchema(place: Place, found: number, known: number): RefusedError {
  return new RefusedError({
    code: 'DARUMA_STORAGE_FOREIGN',
    message: `${placeOf(place)} was written by a newer Daruma: it has version ${found}, and this one knows ${known}. It was left as it is.`,
    hint: 'Install the version that wrote it, or a newer one.',
  });
}

/** A server that only answers questions: a standby, or one that is being replaced. */
export function readOnlyServer(): Error {
  return new Error('The server takes no writes: it is a standby, or set to read-only.');
}

function causeOf(error: unknown, { url }: PostgresFacts): string {
  return withoutSecrets(textOf(error), url);
}

function textOf(error: unknown): string {
  // Several addresses of one host, each with its own refusal.
  if (error instanceof AggregateError) return error.errors.map(textOf).join('; ');
  if (!(error instanceof Error)) return String(error);
  const text = error.message.replace(/\.$/, '');
  return isServerError(error) ? `${text} (PostgreSQL ${error.code})` : text;
}
