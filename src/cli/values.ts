import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../actors/rules/duration.ts';
import type { HttpOptions } from '../services/http/server.ts';

export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("A duration is a number with a unit: '250ms', '10s', '1.5m'.");
}

export function limit(text: string): number {
  return text === 'infinity' ? Number.POSITIVE_INFINITY : duration(text);
}

export function integer(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('A seed is a whole number.');
}

export function count(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number, 1 or more.');
}

/** `9464`, `0.0.0.0:9464`, `[::]:9464` */
export function httpAddress(text: string): HttpOptions {
  const [, host, digits = ''] = /^(?:\[?([^\]]+)\]?:)?(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits !== '' && port < 65_536) return host === undefined ? { port } : { port, host };
  throw new InvalidArgumentError("A port, or a host and a port: '9464', '0.0.0.0:9464'.");
}

export function webUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new InvalidArgumentError('It must be a URL that begins with http:// or https://.');
}
