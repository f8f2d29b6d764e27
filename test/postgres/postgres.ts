import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';

let asked: Promise<string> | undefined;
let schemas = 0;

/** The address of the server that all tests of a run share. */
export function postgresUrl(): Promise<string> {
  asked ??= ask();
  return asked;
}

/** Of this test alone. */
export function freshSchema(): string {
  return `test_${process.pid}_${++schemas}`;
}

async function ask(): Promise<string> {
  const { url, error } = JSON.parse(await text(connect(inject('postgresDesk'), '127.0.0.1')));
  if (error) throw new Error(error);
  return url;
}
