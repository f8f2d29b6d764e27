import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ItemOutcome, ItemStatus } from './item.ts';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: OutgoingHttpHeaders;
}

/** A request that does not become an item. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(status: number, error: string, headers: OutgoingHttpHeaders = {}) {
    super(error);
    this.answer = { status, body: { error }, headers };
  }
}

const statuses: Readonly<Record<ItemStatus, number>> = {
  handled: 200,
  unmatched: 422,
  failed: 500,
  dropped: 503,
  lost: 503,
};

/** What is wrong inside is nobody's business outside: only that it failed. */
export function answerOf({ item: { id }, status, results }: ItemOutcome): Answer {
  const body = status === 'handled' ? { id, results } : { id, status };
  return { status: statuses[status], body };
}

/** @throws Refusal when it is larger than that, or does not come in whole */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new Refusal(413, `the body is larger than ${maxBytes} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The connection is still wanted, for the answer.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  } catch {
    throw new Refusal(400, 'the body did not come in whole');
  }
  if (size > maxBytes) throw tooLarge();
  return Buffer.concat(chunks);
}

/** @param isLast nothing more is answered on this connection */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body, headers = {} }: Answer,
  isLast: boolean,
): void {
  if (response.destroyed) return;
  const text = `${JSON.stringify(body)}\n`;
  // What is left of a body that was not wanted is not read.
  const isUnread = !request.readableEnded;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
    ...((isLast || isUnread) && { connection: 'close' }),
  });
  response.end(text);
}
