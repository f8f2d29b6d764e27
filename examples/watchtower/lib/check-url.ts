import type { ProbeResult } from './probe-series.ts';

/**
 * Asks for a URL once; below 400 is fine. What goes wrong is a result, not an error.
 *
 * @param signal gives up
 * @throws the reason of the signal, and nothing else
 */
export async function checkUrl(
  url: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const began = performance.now();
  const result = (ok: boolean, outcome: string) => {
    return { ok, outcome, latencyMs: performance.now() - began, isHopeless: false };
  };
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, timeout]) });
    // Only the head was asked for; a body that nobody reads would keep the connection.
    await response.body?.cancel();
    const { ok, status } = response;
    return result(ok, ok ? String(status) : `HTTP ${status}`);
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) return result(false, 'no answer in time');
    return { ...result(false, reasonOf(error)), isHopeless: isHopeless(error) };
  }
}

/** fetch says everything with a TypeError; what the network has to do with has a code in its cause. */
function isHopeless(error: unknown): boolean {
  const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
  const isOfNetwork = cause?.code !== undefined && cause.code !== 'ERR_INVALID_URL';
  return error instanceof TypeError && !isOfNetwork;
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.code ?? cause?.message ?? message;
}
