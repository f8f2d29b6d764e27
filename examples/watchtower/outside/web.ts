import { service } from 'daruma';

export interface Answer {
  /** 0 where there was none, and never will be. */
  readonly status: number;
  /** From the request until the head of the answer was there, in milliseconds. */
  readonly ms: number;
  /** Why nobody could ever ask for this URL, such as a port that fetch refuses. */
  readonly fault?: string;
}

/** The network, for everybody here: in a simulation this one service is played. */
export const web = service('web', {
  start: () => ({
    get: (url: string, signal: AbortSignal) => ask(url, { signal }),

    post(url: string, body: unknown, signal: AbortSignal) {
      const headers = { 'content-type': 'application/json' };
      return ask(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
    },
  }),
});

/** @throws what the network, or the signal, has to do with */
async function ask(url: string, init: RequestInit): Promise<Answer> {
  const began = performance.now();
  try {
    const response = await fetch(url, init);
    const ms = performance.now() - began;
    // Only the head was asked for; a body that nobody reads would keep the connection.
    await response.body?.cancel();
    return { status: response.status, ms };
  } catch (error) {
    if (!isHopeless(error)) throw plain(error);
    const { message, cause } = error as Error & { cause?: Error };
    return { status: 0, ms: performance.now() - began, fault: cause?.message ?? message };
  }
}

/** What the network has to do with, in its own word, such as ECONNREFUSED: fetch says 'fetch failed'. */
function plain(error: unknown): unknown {
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  return cause?.code === undefined ? error : new Error(`no answer: ${cause.code}`, { cause });
}

/** fetch says everything with a TypeError; what the network has to do with has a code in its cause. */
function isHopeless(error: unknown): boolean {
  const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
  const isOfNetwork = cause?.code !== undefined && cause.code !== 'ERR_INVALID_URL';
  return error instanceof TypeError && !isOfNetwork;
}
