import { type Clock, realClock } from '../kernel/clock.ts';
import { processSignals, type SignalSource } from '../kernel/host-process.ts';

/** How far apart the two halves of one Ctrl-C may arrive, in milliseconds. */
const samePressMs = 300;

/**
 * The signals of this process, one for each Ctrl-C. Under `npm start` a script that replaces its
 * shell has it twice, from the terminal and from npm some milliseconds later: the second would
 * count as "leave at once".
 */
export function terminalSignals(): SignalSource {
  const isDoubled = process.env.npm_lifecycle_event !== undefined && process.stdin.isTTY;
  return isDoubled ? oncePerPress(processSignals, realClock) : processSignals;
}

export function oncePerPress(source: SignalSource, clock: Clock): SignalSource {
  return {
    on(signal, callback) {
      let last = Number.NEGATIVE_INFINITY;
      return source.on(signal, () => {
        const now = clock.monotonic();
        const isEcho = signal === 'SIGINT' && now - last < samePressMs;
        last = now;
        if (!isEcho) callback();
      });
    },
  };
}
