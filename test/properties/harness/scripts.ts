/** The n-th entry of a script; the last one repeats. */
export function nth<Entry>(list: readonly Entry[] | undefined, index: number): Entry | undefined {
  return list?.[Math.min(index, list.length - 1)];
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : `no code: ${String(error)}`;
}
