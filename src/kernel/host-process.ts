/** Where a running system hears of signals; the process by default. */
export interface SignalSource {
  /** Calls back on each signal of this name; returns the function that takes only this one back. */
  on(signal: StopSignal, callback: () => void): () => void;
}

/** What asks a process to stop. Windows has only SIGINT, from Ctrl-C. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Their numbers: a process that a signal forced down exits with 128 + n. */
export const signalNumbers: Record<StopSignal, number> = { SIGINT: 2, SIGTERM: 15 };

export const processSignals: SignalSource = {
  on(signal, callback) {
    process.on(signal, callback);
    return () => process.off(signal, callback);
  },
};

/** The environment of this process. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** What this process exits with when it ends by itself. */
export function setExitCode(code: number): void {
  process.exitCode = code;
}
