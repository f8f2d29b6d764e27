import { resolve } from 'node:path';
import { type Duration, parseDuration } from '../../../actors/rules/duration.ts';
import { didYouMean } from '../../define/did-you-mean.ts';
import { isPlain } from '../../define/recorded.ts';
import { show } from '../../define/show.ts';
import { DarumaError } from '../../errors.ts';

export interface StorageOptions {
  /**
   * A SQLite file, made with its folder when something is stored or looked up for the first time.
   * Relative to the folder that the process was started in.
   *
   * @default '.daruma/<name of the root>.sqlite'
   */
  readonly file?: string;
  /** What one value may take as JSON, in bytes as UTF-8. @default 1048576: 1 MiB */
  readonly maxValueBytes?: number;
  /** What may wait to be written, in bytes; beyond that, calls are refused. @default 67108864: 64 MiB */
  readonly maxPendingBytes?: number;
  /** How long to wait for another process that has the file locked. @default '5s' */
  readonly busyTimeout?: Duration;
}

export interface StorageSettings {
  /** undefined: the default, which the name of the root is part of. */
  readonly file: string | undefined;
  readonly isInMemory: boolean;
  readonly maxValueBytes: number;
  readonly maxPendingBytes: number;
  readonly busyTimeoutMs: number;
}

export const defaultStorage: StorageSettings = Object.freeze({
  file: undefined,
  isInMemory: false,
  maxValueBytes: 1024 * 1024,
  maxPendingBytes: 64 * 1024 * 1024,
  busyTimeoutMs: 5_000,
});

const known = ['file', 'maxValueBytes', 'maxPendingBytes', 'busyTimeout'];

/** @throws DARUMA_INVALID_OPTION, DARUMA_UNKNOWN_OPTION, DARUMA_INVALID_DURATION */
export function readStorage(given: unknown): StorageSettings {
  if (given === undefined) return defaultStorage;
  if (given === 'memory') return { ...defaultStorage, isInMemory: true };
  if (!isPlain(given)) {
    throw fault(
      'DARUMA_INVALID_OPTION',
      `storage is ${show(given)}; it must be 'memory' or an object of options.`,
      "storage: { file: 'data/app.sqlite' }",
    );
  }
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const hint = didYouMean(name, known) ?? `Options: ${known.join(', ')}.`;
    throw fault('DARUMA_UNKNOWN_OPTION', `there is no option storage.${name}.`, hint);
  }
  return {
    isInMemory: false,
    file: readFile(given.file),
    maxValueBytes: readBytes('maxValueBytes', given.maxValueBytes),
    maxPendingBytes: readBytes('maxPendingBytes', given.maxPendingBytes),
    busyTimeoutMs: readBusyTimeout(given.busyTimeout),
  };
}

/** Where a root of this name keeps its things when nobody says otherwise. */
export function defaultFile(rootName: string): string {
  return resolve('.daruma', `${encodeURIComponent(rootName)}.sqlite`);
}

function readFile(file: unknown): string | undefined {
  if (file === undefined) return undefined;
  if (typeof file === 'string' && file !== '' && file !== ':memory:') return resolve(file);
  const message = `storage.file is ${show(file)}; it must be the name of a file.`;
  throw fault('DARUMA_INVALID_OPTION', message, "For nothing but memory: storage: 'memory'.");
}

function readBytes(name: 'maxValueBytes' | 'maxPendingBytes', value: unknown): number {
  if (value === undefined) return defaultStorage[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  const message = `storage.${name} is ${show(value)}; it must be a whole number of bytes, 1 or more.`;
  throw fault('DARUMA_INVALID_OPTION', message);
}

function readBusyTimeout(value: unknown): number {
  if (value === undefined) return defaultStorage.busyTimeoutMs;
  const ms = parseDuration(value);
  if (ms !== undefined) return Math.ceil(ms);
  const message = `storage.busyTimeout is ${show(value)}; it must be a duration.`;
  throw fault('DARUMA_INVALID_DURATION', message);
}

function fault(code: DarumaError['code'], message: string, hint?: string): DarumaError {
  return new DarumaError(code, message, hint === undefined ? {} : { hint });
}
