import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../../events.ts';
import { listenError, urlOf } from './address.ts';
import { type Exhibit, type Page, pageFor } from './pages.ts';

export interface HttpOptions {
  /** 0: any that is free; `system.http` says which. */
  readonly port: number;
  /** @default '127.0.0.1', which only this machine reaches */
  readonly host?: string;
}

/** Where the pages are. */
export interface HttpAddress {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** Small and short: probes have no body and no cookies, and a slow one is not worth waiting for. */
const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;
const mostConnections = 1_024;

/** Serves the pages of one system over HTTP, from before its boot until it is down. */
export class HealthServer {
  readonly #exhibit: () => Exhibit;
  readonly #options: HttpOptions;
  #server: Server | undefined;
  #address: HttpAddress | undefined;

  constructor(exhibit: () => Exhibit, options: HttpOptions) {
    this.#exhibit = exhibit;
    this.#options = options;
  }

  /** undefined until it listens. */
  get address(): HttpAddress | undefined {
    return this.#address;
  }

  /** @throws DARUMA_HTTP_LISTEN when it cannot listen there */
  async open(): Promise<void> {
    const { port, host = '127.0.0.1' } = this.#options;
    const server = createServer(limits, (request, response) => this.#answer(request, response));
    server.maxConnections = mostConnections;
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
      const status =
        error.code === 'HPE_HEADER_OVERFLOW'
          ? '431 Request Header Fields Too Large'
          : '400 Bad Request';
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return undefined;
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenError('The health pages', host, port, error)));
      server.listen({ port, host }, resolve);
    });
    // What goes wrong with a connection later on is that connection's affair.
    server.on('error', () => {});
    // The system keeps the process alive, not its probes.
    server.unref();
    this.#server = server;
    const taken = server.address();
    const actual = typeof taken === 'object' && taken !== null ? taken.port : port;
    this.#address = { host, port: actual, url: urlOf(host, actual) };
  }

  close(): Promise<void> | undefined {
    const server = this.#server;
    if (!server) return undefined;
    this.#server = undefined;
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const page = this.#page(request);
    response.writeHead(page.status, {
      'content-type': page.type,
      'content-length': Buffer.byteLength(page.body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(page.status === 405 && { allow: 'GET, HEAD' }),
    });
    response.end(request.method === 'HEAD' ? undefined : page.body);
    // Whatever was sent along is not read.
    request.resume();
  }

  #page({ method, url = '/', headers }: IncomingMessage): Page {
    if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD');
    try {
      return pageFor(this.#exhibit(), url, headers.accept ?? '');
    } catch (error) {
      const isBadUrl = error instanceof TypeError && 'code' in error;
      return isBadUrl ? plain(400, 'bad request') : plain(500, messageOf(error));
    }
  }
}

function plain(status: number, message: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body: `${message}\n` };
}
