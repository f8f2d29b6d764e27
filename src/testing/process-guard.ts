const origins = ['unhandledRejection', 'uncaughtException'] as const;

type Listener = (...args: unknown[]) => void;

/** Simulations that are under way, the latest last. */
const guards: ((error: unknown) => void)[] = [];
let others: readonly Listener[][] = [];
let exitCode: typeof process.exitCode;

const toLatest: Listener = (error) => guards.at(-1)?.(error);

/**
 * While a simulation runs, errors that would reach the process belong to it: whoever listens
 * otherwise, a test runner for one, is not told. Returns the end of that.
 */
export function guardProcess(onError: (error: unknown) => void): () => void {
  if (guards.length === 0) takeOver();
  guards.push(onError);
  return () => {
    const index = guards.indexOf(onError);
    if (index === -1) return;
    guards.splice(index, 1);
    if (guards.length === 0) giveBack();
  };
}

function takeOver(): void {
  exitCode = process.exitCode;
  others = origins.map((origin) => process.rawListeners(origin) as Listener[]);
  for (const [index, origin] of origins.entries()) {
    for (const listener of others[index] ?? []) process.off(origin, listener);
    process.on(origin, toLatest);
  }
}

function giveBack(): void {
  // A system that runs says what its process should exit with.
  process.exitCode = exitCode;
  for (const [index, origin] of origins.entries()) {
    process.off(origin, toLatest);
    for (const listener of others[index] ?? []) process.on(origin, listener);
  }
}
