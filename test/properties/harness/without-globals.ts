/** Time and chance of the process, which nothing of ours may use where a clock and a seed are given. */
const forbidden = [
  [Date, 'now'],
  [performance, 'now'],
  [Math, 'random'],
  [globalThis, 'setTimeout'],
] as const;

/** Whose code calls is seen from the stack: XState stamps its snapshots, which is its own affair. */
const ours = /\/(?:src\/kernel|actors)\/[\w/-]+\.ts/;

/** Runs something, and notes every use of the process's time or chance by the kernel or the charts. */
export async function withoutGlobals<Result extends object>(
  run: () => Promise<Result>,
): Promise<Result & { used: string[] }> {
  const used: string[] = [];
  const undo = forbidden.map(([owner, name]) => {
    const target = owner as unknown as Record<string, (...args: unknown[]) => unknown>;
    const original = target[name] as (...args: unknown[]) => unknown;
    target[name] = function (this: unknown, ...args: unknown[]) {
      const caller = new Error().stack?.split('\n')[2] ?? '';
      if (ours.test(caller)) used.push(`${name} ${caller.trim()}`);
      return original.apply(this, args);
    };
    return () => {
      target[name] = original;
    };
  });
  try {
    return { ...(await run()), used };
  } finally {
    for (const step of undo) step();
  }
}
