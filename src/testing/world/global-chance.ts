import nodeCrypto from 'node:crypto';
import type { Random } from '../../kernel/random.ts';
import type { Replacement } from './replacement.ts';
import { virtualWorldFor } from './world.ts';

type Real = (...args: unknown[]) => unknown;

/** Replaces a function where there is a world by one that draws from its chance. */
function drawn(
  what: string,
  draw: (random: Random, args: unknown[]) => unknown,
  self: object | undefined,
) {
  return (real: Real) =>
    (...args: unknown[]): unknown => {
      const world = virtualWorldFor(what);
      return world ? draw(world.random, args) : real.apply(self, args);
    };
}

function byte(random: Random): number {
  return Math.floor(random() * 256);
}

function fill<Target>(random: Random, target: Target, offset = 0, size?: number): Target {
  const bytes = ArrayBuffer.isView(target)
    ? new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
    : new Uint8Array(target as ArrayBuffer);
  const end = size === undefined ? bytes.length : offset + size;
  for (let index = offset; index < end; index++) bytes[index] = byte(random);
  return target;
}

function uuid(random: Random): string {
  const bytes = fill(random, Buffer.alloc(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

type Done = (error: null, value: unknown) => void;

/** With a callback it answers later, as the real one does. */
function answered(value: unknown, done: unknown): unknown {
  if (typeof done !== 'function') return value;
  process.nextTick(() => (done as Done)(null, value));
  return undefined;
}

function integer(random: Random, args: unknown[]): unknown {
  const numbers = args.filter((arg) => typeof arg === 'number');
  const [min, max] = numbers.length > 1 ? numbers : [0, numbers[0]];
  const value = (min ?? 0) + Math.floor(random() * ((max ?? 0) - (min ?? 0)));
  return answered(value, args.at(-1));
}

/**
 * What draws numbers (`getRandomValues` of `node:crypto` reads that of the environment): all of it from the seed of the plan. Good enough for ids,
 * not for secrets.
 */
export const chanceReplacements: readonly Replacement[] = [
  { holder: Math, key: 'random', make: drawn('Math.random', (random) => random(), Math) },
  {
    holder: globalThis.crypto,
    key: 'randomUUID',
    make: drawn('crypto.randomUUID', uuid, globalThis.crypto),
  },
  {
    holder: globalThis.crypto,
    key: 'getRandomValues',
    make: drawn(
      'crypto.getRandomValues',
      (random, [target]) => fill(random, target),
      globalThis.crypto,
    ),
  },
  { holder: nodeCrypto, key: 'randomUUID', make: drawn('crypto.randomUUID', uuid, nodeCrypto) },
  {
    holder: nodeCrypto,
    key: 'randomBytes',
    make: drawn(
      'crypto.randomBytes',
      (random, [size, done]) => answered(fill(random, Buffer.alloc(Number(size))), done),
      nodeCrypto,
    ),
  },
  { holder: nodeCrypto, key: 'randomInt', make: drawn('crypto.randomInt', integer, nodeCrypto) },
  {
    holder: nodeCrypto,
    key: 'randomFillSync',
    make: drawn(
      'crypto.randomFillSync',
      (random, [target, offset, size]) =>
        fill(random, target, offset as number | undefined, size as number | undefined),
      nodeCrypto,
    ),
  },
];
