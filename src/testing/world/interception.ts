import { syncBuiltinESMExports } from 'node:module';
import { chanceReplacements } from './global-chance.ts';
import { timeReplacements } from './global-time.ts';
import { timerReplacements } from './global-timers.ts';
import { replaceAll } from './replacement.ts';
import { timerPromiseReplacements } from './timer-promises.ts';

let holders = 0;
let putBack: () => void = () => {};

/**
 * Replaces the functions of Node for timers, time and chance, wherever they are imported from.
 * Nothing changes for code outside of a simulated run, and none within one that was not made with
 * `globals: true`. Such a run does this itself while it lasts. Call it in a setup file of the test
 * runner when code keeps references for itself, as `const { now } = Date` does: from then on what it
 * keeps is the replacement.
 *
 * @returns the function that puts everything back; what others have asked for stays
 */
export function interceptGlobals(): () => void {
  if (holders++ === 0) install();
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    if (--holders > 0) return;
    putBack();
    syncBuiltinESMExports();
  };
}

function install(): void {
  putBack = replaceAll([
    ...timerReplacements,
    ...timerPromiseReplacements,
    ...timeReplacements,
    ...chanceReplacements,
  ]);
  // Rewrites what `import { setTimeout } from 'node:timers'` has bound, which nothing else reaches.
  syncBuiltinESMExports();
}
