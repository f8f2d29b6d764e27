import type { Socket } from 'node:net';
import { RefusedError } from '../failures.ts';

/** What is used of the package `pg`. */
export interface Driver {
  readonly Client: new (config: ClientConfig) => Client;
}

export interface ClientConfig {
  readonly connectionString: string;
  readonly application_name: string;
  readonly connectionTimeoutMillis: number;
  readonly stream: () => Socket;
  /** Statements are sent without waiting for the answers before them; older versions wait. */
  readonly pipeline: true;
  readonly types: { getTypeParser(type: number, format?: string): (text: string) => unknown };
}

export interface Client {
  readonly processID: number | null;
  connect(): Promise<unknown>;
  query(query: Query): Promise<QueryResult>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'notification', listener: (news: Notification) => void): unknown;
}

export interface Query {
  readonly text: string;
  /** With a name it is planned once for each connection. */
  readonly name?: string;
  readonly values?: readonly unknown[];
}

export interface QueryResult {
  /** The first word of what it did. */
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: readonly unknown[];
}

export interface Notification {
  readonly processId: number;
  readonly payload?: string;
}

interface Types {
  getTypeParser(type: number, format?: string): (text: string) => unknown;
}

let loaded: Promise<Driver & { readonly types: Types }> | undefined;

/**
 * Loaded when somebody stores something in PostgreSQL: a program that does not needs no `pg`.
 *
 * @throws RefusedError when it is not installed
 */
export async function loadDriver(): Promise<Driver & { readonly types: Types }> {
  loaded ??= import('pg').then((module) => module.default as never);
  try {
    return await loaded;
  } catch (error) {
    loaded = undefined;
    throw new RefusedError({
      code: 'DARUMA_STORAGE_UNUSABLE',
      message: 'Storage in PostgreSQL needs the package pg, which cannot be loaded.',
      hint: 'npm install pg',
      cause: error instanceof Error ? error.message : String(error),
    });
  }
}

const bigint = 20;

/** Counts and times are whole numbers that JavaScript can say, and not texts. */
export function typesOf(types: Types): Types {
  return {
    getTypeParser: (type, format) => {
      return type === bigint && format !== 'binary' ? Number : types.getTypeParser(type, format);
    },
  };
}
