import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { News, Order } from './guardian.ts';

const user = 'daruma';
/** It has everything that an address must escape, and a word that no message may show. */
export const password = 'tell nobody: 100% @/?#';

const guardian = fileURLToPath(new URL('./guardian.ts', import.meta.url));

/** A real PostgreSQL server in a directory of its own, which is gone when this process is. */
export class PostgresServer implements AsyncDisposable {
  readonly #guardian: ChildProcess;
  #port = 0;

  private constructor(flags: readonly string[]) {
    // Not in the group of the terminal: an interrupt must not end it before the server.
    this.#guardian = fork(guardian, [user, password, ...flags], { detached: true });
  }

  /** @param flags settings such as `fsync=off` */
  static async start(flags: readonly string[] = []): Promise<PostgresServer> {
    const server = new PostgresServer(flags);
    await server.start();
    return server;
  }

  get url(): string {
    return this.urlWith(password);
  }

  get port(): number {
    return this.#port;
  }

  urlWith(secret: string, name = user): string {
    return `postgres://${name}:${encodeURIComponent(secret)}@127.0.0.1:${this.#port}/postgres`;
  }

  /** Again, after a kill. */
  start(): Promise<void> {
    return this.#order('start');
  }

  /** As if the power was cut. */
  kill(): Promise<void> {
    return this.#order('kill');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#order('stop');
    this.#guardian.disconnect();
  }

  #order(order: Order): Promise<void> {
    return new Promise((resolve, reject) => {
      const onEnd = () => reject(new Error(`Whoever keeps PostgreSQL has ended at "${order}".`));
      this.#guardian.once('exit', onEnd);
      this.#guardian.once('message', (news: News) => {
        this.#guardian.off('exit', onEnd);
        if ('failed' in news) return reject(new Error(news.message));
        this.#port = news.port;
        resolve();
      });
      this.#guardian.send(order);
    });
  }
}
