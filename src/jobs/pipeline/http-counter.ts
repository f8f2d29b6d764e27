import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Context } from '../../define/context.ts';
import { errorInfo, messageOf } from '../../events.ts';
import { listenError, urlOf } from '../../services/http/address.ts';
import type { HttpAddress } from '../../services/http/server.ts';
import { issuesOf, verdictOf } from '../payload.ts';
import { type Answer, answerOf, Refusal, readBody, send } from './http-answer.ts';
import type { HttpPolicy, RequestFacts } from './http-options.ts';
import type { Intake } from './intake.ts';
import type { ItemOutcome } from './item.ts';

export interface CounterInput {
  readonly policy: HttpPolicy;
  readonly schema: StandardSchemaV1 | undefined;
  readonly authorize: ((request: RequestFacts) => unknown) | undefined;
}

/** Where requests become items, and outcomes answers: of one incarnation. */
export class Counter {
  readonly #ctx: Context;
  readonly #intake: Intake;
  readonly #input: CounterInput;
  /** Of items that are on their way. */
  readonly #waiting = new Set<(answer: Answer) => void>();
  /** That are being sent. */
  readonly #leaving = new Set<ServerResponse>();
  #server: Server | undefined;
  #isShut = false;

  constructor(ctx: Context, intake: Intake, input: CounterInput) {
    this.#ctx = ctx;
    this.#intake = intake;
    this.#input = input;
  }

  /** @throws DARUMA_HTTP_LISTEN when it cannot listen there */
  async open(): Promise<HttpAddress> {
    const { host, port, requestWithinMs, maxConnections } = this.#input.policy;
    const limits = {
      maxHeaderSize: 16 * 1024,
      headersTimeout: Math.min(5_000, requestWithinMs),
      requestTimeout: requestWithinMs,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: Math.min(1_000, requestWithinMs),
    };
    const server = createServer(limits, (request, response) => {
      void this.#answer(request, response);
    });
    server.maxConnections = maxConnections;
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(listenError(`${this.#ctx.path}`, host, port, error, this.#ctx.path)),
      );
      server.listen({ port, host }, resolve);
    });
    // What goes wrong with a connection later on is that connection's affair.
    server.on('error', () => {});
    const taken = server.address();
    const actual = typeof taken === 'object' && taken !== null ? taken.port : port;
    return { host, port: actual, url: urlOf(host, actual) };
  }

  /** Takes nothing in any more. */
  shut(): void {
    this.#isShut = true;
  }

  /** Whoever still waits is told that it is over; then nobody is answered any more. */
  async close(): Promise<void> {
    this.shut();
    for (const answer of this.#waiting) answer({ status: 503, body: { status: 'lost' } });
    const server = this.#server;
    if (!server?.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await Promise.all([...this.#leaving].map(sent));
    server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that has gone is no error of ours.
    request.on('error', () => {});
    response.on('error', () => {});
    let answer: Answer;
    try {
      answer = await this.#handle(request);
    } catch (error) {
      answer = error instanceof Refusal ? error.answer : this.#broken(error);
    }
    const { status } = answer;
    this.#ctx.metrics
      .counter('daruma_http_requests_total', 'Requests to producers, by status.')
      .add(1, { status });
    this.#leaving.add(response);
    response.once('close', () => this.#leaving.delete(response));
    send(request, response, answer, this.#isShut);
  }

  async #handle(request: IncomingMessage): Promise<Answer> {
    const { policy, authorize } = this.#input;
    const [path] = (request.url ?? '/').split('?', 1);
    if (path !== policy.path) throw new Refusal(404, `there is only ${policy.path}`);
    if (request.method !== 'POST') throw new Refusal(405, 'only POST', { allow: 'POST' });
    // Before the body is read: that would be for nothing.
    this.#mustHaveRoom(this.#intake.flow.admission.free > 0);
    const body = await readBody(request, policy.maxBytes);
    const isAllowed = await this.#attribute(() => authorize?.({ headers: request.headers, body }));
    if (authorize && isAllowed !== true) throw new Refusal(401, 'not authorized');
    const payload = await this.#payload(body);
    this.#mustHaveRoom(this.#intake.flow.admission.tryTake());
    return await this.#put(payload);
  }

  #mustHaveRoom(hasRoom: boolean): void {
    if (hasRoom && !this.#isShut) return;
    const why = this.#isShut ? 'going down' : 'full';
    throw new Refusal(503, `the pipeline is ${why}`, { 'retry-after': '1' });
  }

  #put(payload: unknown): Answer | Promise<Answer> {
    if (this.#input.policy.reply === 'accepted') {
      const { id } = this.#intake.put(payload);
      return { status: 202, body: { id } };
    }
    return new Promise((resolve) => {
      const { clock } = this.#intake.backstage;
      const answer = (given: Answer) => {
        clock.clearTimeout(timer);
        this.#waiting.delete(answer);
        resolve(given);
      };
      const timer = clock.setTimeout(
        () => answer({ status: 504, body: { id, status: 'under way' } }),
        this.#input.policy.replyWithinMs,
      );
      this.#waiting.add(answer);
      const onOver = (outcome: ItemOutcome) => answer(answerOf(outcome));
      const { id } = this.#intake.put(payload, { onOver });
    });
  }

  async #payload(body: Buffer): Promise<unknown> {
    let payload: unknown;
    try {
      payload = JSON.parse(body.toString('utf8'));
    } catch (error) {
      throw new Refusal(400, `the body is not JSON: ${messageOf(error)}`);
    }
    const { schema } = this.#input;
    if (!schema) return payload;
    const verdict = await this.#attribute(() => verdictOf(schema, payload));
    if (!verdict.issues) return verdict.value;
    throw new Refusal(400, issuesOf(verdict.issues).join('; '));
  }

  #attribute<Result>(call: () => Result): Result {
    return this.#intake.backstage.attribute(call);
  }

  /** Of this nobody outside needs to know more. */
  #broken(error: unknown): Answer {
    this.#ctx.log.error({ err: errorInfo(error) }, 'a request could not be handled');
    return { status: 500, body: { error: 'internal error' } };
  }
}

function sent(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.writableFinished || response.destroyed) return resolve();
    response.once('finish', resolve);
    response.once('close', resolve);
  });
}
