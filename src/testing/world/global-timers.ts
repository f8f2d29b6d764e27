import nodeTimers from 'node:timers';
import { promisify } from 'node:util';
import type { Replacement } from './replacement.ts';
import { laterAfter, laterNow } from './timer-promises.ts';
import { delayOf, VirtualTimer } from './virtual-timer.ts';
import { virtualWorld, type World } from './world.ts';

type Callback = (...args: unknown[]) => void;

type Arm = (callback: Callback, ...rest: unknown[]) => unknown;

function arming(
  what: string,
  start: (world: World, callback: Callback, rest: unknown[]) => VirtualTimer,
) {
  return (real: Arm & { [promisify.custom]?: (...args: unknown[]) => unknown }) => {
    const armed: Arm = (callback, ...rest) => {
      const world = virtualWorld();
      if (!world || typeof callback !== 'function') return real(callback, ...rest);
      return start(world, callback, rest);
    };
    Object.defineProperty(armed, 'name', { value: what });
    const later = real[promisify.custom];
    const promised = what === 'setImmediate' ? laterNow : laterAfter;
    return later ? Object.assign(armed, { [promisify.custom]: promised(later) }) : armed;
  };
}

function clearing(real: (handle: unknown) => void) {
  return (handle: unknown): void => {
    const timer = VirtualTimer.find(handle);
    if (timer) timer.close();
    else real(handle);
  };
}

/** Aborts as `AbortSignal.timeout` does: with a TimeoutError, and without keeping anything alive. */
function timingOut(real: (ms: number) => AbortSignal) {
  return (ms: number): AbortSignal => {
    const world = virtualWorld();
    if (!world) return real.call(AbortSignal, ms);
    const controller = new AbortController();
    const abort = () =>
      controller.abort(
        new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
      );
    new VirtualTimer(world, 'AbortSignal.timeout', abort, ms).unref();
    return controller.signal;
  };
}

const after =
  (what: string, isRepeated: boolean) =>
  (world: World, callback: Callback, [ms, ...args]: unknown[]) =>
    new VirtualTimer(world, what, () => callback(...args), delayOf(ms), isRepeated);

const functions = {
  setTimeout: arming('setTimeout', after('setTimeout', false)),
  setInterval: arming('setInterval', after('setInterval', true)),
  setImmediate: arming(
    'setImmediate',
    (world, callback, args) => new VirtualTimer(world, 'setImmediate', () => callback(...args), 0),
  ),
  clearTimeout: clearing,
  clearInterval: clearing,
  clearImmediate: clearing,
};

/** The timers of the environment, and those of `node:timers`. */
export const timerReplacements: readonly Replacement[] = [
  ...Object.entries(functions).flatMap(([key, make]): Replacement[] => [
    { holder: globalThis, key, make },
    { holder: nodeTimers, key, make },
  ]),
  { holder: AbortSignal, key: 'timeout', make: timingOut },
];
