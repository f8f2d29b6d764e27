import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { SignalSource, StopSignal } from '../kernel/host-process.ts';

/** How `--watch` tells the run that it starts of itself. */
export const watchedVariable = 'DARUMA_WATCHED';

/** From a run to the one that watches it. */
export type ToWatcher =
  | { readonly type: 'uses'; readonly path: string }
  | { readonly type: 'grace'; readonly ms: number | null };

/** And back. */
export interface FromWatcher {
  readonly type: 'signal';
  readonly signal: StopSignal;
}

const hasWatcher = process.env[watchedVariable] !== undefined && process.send !== undefined;
// What the services start themselves is not watched.
delete process.env[watchedVariable];

/** Whether this process is the run of a `daruma run --watch`. */
export function isWatched(): boolean {
  return hasWatcher;
}

/** Tells the watcher something; when it has gone there is nobody to tell. */
export function tellWatcher(message: ToWatcher): void {
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

/** Tells the watcher of every file that is imported from now on, packages excepted. */
export function reportImports(): void {
  registerHooks({
    load(url, context, next) {
      if (url.startsWith('file:') && !url.includes('/node_modules/')) {
        tellWatcher({ type: 'uses', path: fileURLToPath(url) });
      }
      return next(url, context);
    },
  });
}

/**
 * Signals of a watched run. The terminal sends Ctrl-C to the watcher and to this process; only the
 * one that the watcher passes on counts. A watcher that has gone is a reason to stop.
 */
export const watchedSignals: SignalSource = {
  on(signal, callback) {
    const onMessage = (message: FromWatcher) => {
      if (message.type === 'signal' && message.signal === signal) callback();
    };
    const isTerm = signal === 'SIGTERM';
    const onSignal = isTerm ? callback : () => {};
    process.on('message', onMessage);
    process.on(signal, onSignal);
    if (isTerm) process.on('disconnect', callback);
    if (isTerm && !process.connected) setImmediate(callback);
    return () => {
      process.off('message', onMessage);
      process.off(signal, onSignal);
      process.off('disconnect', callback);
    };
  },
};
