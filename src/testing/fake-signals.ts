import type { SignalSource, StopSignal } from '../kernel/host-process.ts';

/** A source of signals that a test raises itself. */
export class FakeSignals implements SignalSource {
  readonly #callbacks = new Map<StopSignal, Set<() => void>>();

  on(signal: StopSignal, callback: () => void): () => void {
    const callbacks = this.#callbacks.get(signal) ?? new Set();
    this.#callbacks.set(signal, callbacks.add(callback));
    return () => callbacks.delete(callback);
  }

  raise(signal: StopSignal): void {
    for (const callback of [...(this.#callbacks.get(signal) ?? [])]) callback();
  }
}
