const origins = ['unhandledRejection', 'uncaughtException'] as const;

type Listener = (...args: unknown[]) => void;

/**
 * While a simulation runs, errors that would reach the process belong to it: whoever listens
 * otherwise, a test runner for one, is not told. Returns the end of that.
 */
export function guardProcess(onError: (error: unknown) => void): () => void {
  const others = origins.map((origin) => process.rawListeners(origin) as Listener[]);
  for (const [index, origin] of origins.entries()) {
    for (const listener of others[index] ?? []) process.off(origin, listener);
    process.on(origin, onError);
  }
  const exitCode = process.exitCode;
  return () => {
    // A system that runs says what its process should exit with.
    process.exitCode = exitCode;
    for (const [index, origin] of origins.entries()) {
      process.off(origin, onError);
      for (const listener of others[index] ?? []) process.on(origin, listener);
    }
  };
}
