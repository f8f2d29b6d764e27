import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { OptionReader } from '../../define/option-reader.ts';

/** What of a request is looked at before it is taken in. */
export interface RequestFacts {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As it came: for signatures. */
  readonly body: Buffer;
}

export interface FromHttpOptions<Schema extends StandardSchemaV1 | undefined = undefined> {
  /** 0: any that is free; the ready value of the producer says which. */
  readonly port: number;
  /** @default '127.0.0.1', which only this machine reaches */
  readonly host?: string;
  /** Everything else is not found. @default '/' */
  readonly path?: string;
  /** Looks at every payload; what it makes of it is the item. @default not checked */
  readonly payload?: Schema;
  /** Whether a request may come in: what it says no to is answered with 401. @default all may */
  readonly authorize?: (request: RequestFacts) => boolean | Promise<boolean>;
  /**
   * `accepted` answers 202 with the id of the item once it is taken in; `result` answers 200 with the
   * results once it is through. @default 'accepted'
   */
  readonly reply?: 'accepted' | 'result';
  /** How long a request waits for its results; then it is answered with 504. @default '30s' */
  readonly replyWithin?: Duration;
  /** How large a body may be, in bytes. Minimum: 1. @default 1048576 */
  readonly maxBytes?: number;
  /** How long a whole request may take to come in, in real time. @default '10s' */
  readonly requestWithin?: Duration;
  /** Connections at a time. Minimum: 1. @default 1024 */
  readonly maxConnections?: number;
}

export interface HttpPolicy {
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly reply: 'accepted' | 'result';
  readonly replyWithinMs: number;
  readonly maxBytes: number;
  readonly requestWithinMs: number;
  readonly maxConnections: number;
}

export const httpOptions = [
  'port',
  'host',
  'path',
  'payload',
  'authorize',
  'reply',
  'replyWithin',
  'maxBytes',
  'requestWithin',
  'maxConnections',
] as const;

export function readHttp(reader: OptionReader): HttpPolicy {
  const whole = { min: 1, isWhole: true };
  return {
    port: readPort(reader),
    host: readText(reader, 'host', '127.0.0.1', (host) => host !== ''),
    path: readText(reader, 'path', '/', (path) => path.startsWith('/')),
    reply: reader.choice('reply', ['accepted', 'result'], 'accepted'),
    replyWithinMs: reader.duration('replyWithin', 30_000, { isPositive: true }),
    maxBytes: reader.number('maxBytes', 1_048_576, whole),
    requestWithinMs: reader.duration('requestWithin', 10_000, { isPositive: true }),
    maxConnections: reader.number('maxConnections', 1_024, whole),
  };
}

function readPort(reader: OptionReader): number {
  const port = reader.raw('port');
  if (Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535) {
    return port as number;
  }
  const problem = 'it must be a whole number from 0 to 65535.';
  reader.refuse('DARUMA_INVALID_OPTION', 'port', problem, '0 takes any that is free.');
  return 0;
}

function readText(
  reader: OptionReader,
  name: 'host' | 'path',
  fallback: string,
  isFine: (text: string) => boolean,
): string {
  const given = reader.raw(name);
  if (given === undefined) return fallback;
  if (typeof given === 'string' && isFine(given)) return given;
  const problem = name === 'path' ? 'it must be text that begins with /.' : 'it must be text.';
  reader.refuse('DARUMA_INVALID_OPTION', name, problem, `${name}: '${fallback}'`);
  return fallback;
}
