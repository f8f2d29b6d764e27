import type { Replacement } from './replacement.ts';
import { virtualWorldFor } from './world.ts';

/** `Date` of the environment: without arguments it says the time of day of the simulation. */
function dateOf(real: DateConstructor): DateConstructor {
  return new Proxy(real, {
    construct(target, args, newTarget: new () => object) {
      const world = args.length === 0 ? virtualWorldFor('new Date()') : undefined;
      return Reflect.construct(target, world ? [world.clock.now()] : args, newTarget) as object;
    },
    apply(target, self, args) {
      const world = virtualWorldFor('Date()');
      return world
        ? new target(world.clock.now()).toString()
        : (Reflect.apply(target, self, args) as string);
    },
  });
}

function sinceBoot(real: () => number) {
  return (): number =>
    virtualWorldFor('performance.now')?.clock.monotonic() ?? real.call(performance);
}

type Hrtime = NodeJS.HRTime;

function hrtimeOf(real: Hrtime): Hrtime {
  const hrtime = (since?: [number, number]): [number, number] => {
    const world = virtualWorldFor('process.hrtime');
    if (!world) return real(since);
    const ns = Math.round(world.clock.monotonic() * 1e6) - (since ? since[0] * 1e9 + since[1] : 0);
    return [Math.floor(ns / 1e9), ns % 1e9];
  };
  const bigint = (): bigint => {
    const world = virtualWorldFor('process.hrtime');
    return world ? BigInt(Math.round(world.clock.monotonic() * 1e6)) : real.bigint();
  };
  return Object.assign(hrtime, { bigint });
}

/** What tells the time. `Date.now` is replaced in place: code may have kept `Date` itself. */
export const timeReplacements: readonly Replacement[] = [
  {
    holder: Date,
    key: 'now',
    make: (real: () => number) => () => virtualWorldFor('Date.now')?.clock.now() ?? real(),
  },
  { holder: globalThis, key: 'Date', make: dateOf },
  { holder: performance, key: 'now', make: sinceBoot },
  { holder: process, key: 'hrtime', make: hrtimeOf },
  {
    holder: process,
    key: 'uptime',
    make: (real: () => number) => () => {
      const world = virtualWorldFor('process.uptime');
      return world ? world.clock.monotonic() / 1_000 : real.call(process);
    },
  },
];
