import timers from 'node:timers/promises';
import type { Replacement } from './replacement.ts';
import { delayOf, VirtualTimer } from './virtual-timer.ts';
import { virtualWorld, type World } from './world.ts';

interface LaterOptions {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

type Real = (...args: unknown[]) => unknown;

function later(world: World, what: string, ms: number, value: unknown, options: LaterOptions = {}) {
  const { signal, ref = true } = options ?? {};
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal));
    const onAbort = () => {
      timer.close();
      reject(abortError(signal));
    };
    const timer = new VirtualTimer(
      world,
      what,
      () => {
        signal?.removeEventListener('abort', onAbort);
        resolve(value);
      },
      ms,
    );
    if (!ref) timer.unref();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function abortError(signal: AbortSignal | undefined): Error {
  const error = new Error('The operation was aborted', { cause: signal?.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}

/** `setTimeout` of `node:timers/promises`. */
export function laterAfter(real: Real) {
  return (ms?: unknown, value?: unknown, options?: LaterOptions): unknown => {
    const world = virtualWorld();
    if (!world) return real(ms, value, options);
    return later(world, 'setTimeout', delayOf(ms), value, options);
  };
}

/** `setImmediate` of `node:timers/promises`. */
export function laterNow(real: Real) {
  return (value?: unknown, options?: LaterOptions): unknown => {
    const world = virtualWorld();
    return world ? later(world, 'setImmediate', 0, value, options) : real(value, options);
  };
}

function repeatedly(real: Real) {
  return (ms?: unknown, value?: unknown, options?: LaterOptions): unknown => {
    const world = virtualWorld();
    return world ? ticks(world, delayOf(ms), value, options) : real(ms, value, options);
  };
}

/** As of Node: rounds that nobody was there for are not lost. */
async function* ticks(world: World, ms: number, value: unknown, options: LaterOptions = {}) {
  let due = 0;
  let wake: (() => void) | undefined;
  const timer = new VirtualTimer(
    world,
    'setInterval',
    () => {
      due++;
      wake?.();
    },
    ms,
    true,
  );
  const { signal, ref = true } = options ?? {};
  const onAbort = () => wake?.();
  signal?.addEventListener('abort', onAbort);
  if (!ref) timer.unref();
  try {
    for (;;) {
      if (signal?.aborted) throw abortError(signal);
      if (due === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else {
        due--;
        yield value;
      }
    }
  } finally {
    timer.close();
    signal?.removeEventListener('abort', onAbort);
  }
}

function waiting(real: Real) {
  return (ms?: unknown, options?: LaterOptions): unknown => {
    const world = virtualWorld();
    if (!world) return real(ms, options);
    return later(world, 'scheduler.wait', delayOf(ms), undefined, options);
  };
}

function yielding(real: Real) {
  return (): unknown => {
    const world = virtualWorld();
    return world ? later(world, 'scheduler.yield', 0, undefined) : real();
  };
}

const { scheduler } = timers;

export const timerPromiseReplacements: readonly Replacement[] = [
  { holder: timers, key: 'setTimeout', make: laterAfter },
  { holder: timers, key: 'setImmediate', make: laterNow },
  { holder: timers, key: 'setInterval', make: repeatedly },
  { holder: scheduler, key: 'wait', make: (real: Real) => waiting(real.bind(scheduler)) },
  { holder: scheduler, key: 'yield', make: (real: Real) => yielding(real.bind(scheduler)) },
];
