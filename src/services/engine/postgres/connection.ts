import { Socket } from 'node:net';
import {
  type Client,
  loadDriver,
  type Notification,
  type Query,
  type QueryResult,
  typesOf,
} from './driver.ts';

/** What was under way when a connection broke: nobody knows whether it was done. */
export class LostError extends Error {
  override readonly name = 'LostError';
}

/** It has become a standby, or was one from the beginning: another server has to be found. */
const readOnly = '25006';
/** An answer that takes longer is no longer waited for: the server, or the way to it, is gone. */
const answerWithinMs = 30_000;
const keepAliveAfterMs = 10_000;

export interface Attempt {
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Whether the process waits for it. */
  readonly isHeld: boolean;
}

export interface ConnectionListener {
  /** Once, unless it was ended from here. */
  onLost(cause: Error): void;
  onNotification?(news: Notification): void;
}

/**
 * One connection to a server. It keeps the process up for what it has been asked and has not been
 * answered, and for nothing else.
 */
export class Connection {
  /** What was set for its session holds: nobody else has a part in it. */
  keepsSettings = false;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #listener: ConnectionListener;
  #asked = 0;
  /** When something was asked or answered last, on the monotonic clock of the machine. */
  #heardAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #isGathering = false;
  #isOver = false;

  private constructor(client: Client, socket: Socket, listener: ConnectionListener) {
    this.#client = client;
    this.#socket = socket;
    this.#listener = listener;
    client.on('error', (error) => this.#lose(error));
    client.on('end', () => this.#lose(new Error('The server has closed the connection.')));
    client.on('notification', (news) => listener.onNotification?.(news));
  }

  /** @throws whatever pg and the server have to say */
  static async open(
    url: string,
    withinMs: number,
    listener: ConnectionListener,
    { signal, isHeld }: Attempt,
  ): Promise<Connection> {
    const driver = await loadDriver();
    signal.throwIfAborted();
    const socket = new Socket();
    if (!isHeld) socket.unref();
    const client = new driver.Client({
      connectionString: url,
      application_name: 'daruma',
      connectionTimeoutMillis: withinMs,
      stream: () => socket,
      pipeline: true,
      types: typesOf(driver.types),
    });
    const connection = new Connection(client, socket, listener);
    const abort = () => socket.destroy();
    signal.addEventListener('abort', abort);
    try {
      await client.connect();
    } catch (error) {
      connection.destroy();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
    socket.setKeepAlive(true, keepAliveAfterMs);
    socket.setNoDelay(true);
    socket.unref();
    return connection;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** As the server knows it. */
  get processId(): number | null {
    return this.#client.processID;
  }

  /**
   * Sent in this turn, behind what was sent before.
   *
   * @throws LostError, or what the server says
   */
  async send(query: Query): Promise<QueryResult> {
    if (this.#isOver) throw new LostError('The connection was lost before.');
    if (this.#asked++ === 0) this.#socket.ref();
    this.#heardAt = performance.now();
    this.#timer ??= this.#lookIn(answerWithinMs);
    this.#gather();
    try {
      return await this.#client.query(query);
    } catch (error) {
      const { severity, code } = error as { readonly severity?: string; readonly code?: string };
      if (severity === 'ERROR' && code !== readOnly) throw error;
      // The server says good-bye, or there was no answer at all.
      this.#lose(error as Error);
      throw new LostError(error instanceof Error ? error.message : String(error));
    } finally {
      this.#heardAt = performance.now();
      if (--this.#asked === 0) this.#socket.unref();
    }
  }

  /** Lets the server know. What is under way is waited for. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket.ref();
    await this.#client.end().catch(() => {});
  }

  destroy(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket.destroy();
  }

  #lose(cause: Error): void {
    if (this.#isOver) return;
    this.destroy();
    this.#listener.onLost(cause);
  }

  /** What is asked in one turn is one packet: the server wakes up once, and not for each statement. */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      this.#socket.uncork();
    });
  }

  /** A timer that finds an answer is cheaper than one armed anew for every question. */
  #lookIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined;
      if (this.#asked === 0 || this.#isOver) return;
      const leftMs = this.#heardAt + answerWithinMs - performance.now();
      if (leftMs > 0) this.#timer = this.#lookIn(leftMs);
      else this.#lose(new Error(`The server has not answered for ${answerWithinMs / 1_000} s.`));
    }, ms).unref();
  }
}
