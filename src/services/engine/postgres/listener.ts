import type { PostgresFacts } from './address.ts';
import { Connection } from './connection.ts';
import { Dialer } from './dialer.ts';

/** Where processes tell each other which queues they have touched. */
export function channelOf(schema: string): string {
  return `daruma_${schema}`;
}

export interface QueueListenerOptions extends PostgresFacts {
  /** What is told over this connection, this process did itself. */
  readonly ownProcessId: () => number | null | undefined;
  readonly onTouched: (queue: string) => void;
  /** Something may have been missed. */
  readonly onOpen: () => void;
}

/** Hears which queues other processes have touched, on a connection of its own. */
export class QueueListener {
  readonly #options: QueueListenerOptions;
  readonly #dialer: Dialer;
  #connection: Connection | undefined;
  #isOver = false;

  constructor(options: QueueListenerOptions) {
    this.#options = options;
    this.#dialer = new Dialer({
      open: async (attempt) => {
        const { url, connectWithinMs, schema } = options;
        const connection = await Connection.open(url, connectWithinMs, this.#ears(), attempt);
        try {
          await connection.send({ text: `LISTEN ${channelOf(schema)}` });
          return connection;
        } catch (error) {
          connection.destroy();
          throw error;
        }
      },
      onOpen: (connection) => {
        this.#connection = connection;
        options.onOpen();
      },
      // The other connection reports what is wrong; here it is only tried again.
      onFailure: () => {},
      isWanted: () => !this.#isOver,
      isHeld: false,
      connectWithinMs: options.connectWithinMs,
    });
    this.#dialer.dial();
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#dialer.stop();
    await this.#connection?.end();
  }

  abort(): void {
    this.#isOver = true;
    this.#dialer.stop();
    this.#connection?.destroy();
  }

  #ears() {
    return {
      onLost: () => {
        if (!this.#connection) return;
        this.#connection = undefined;
        this.#dialer.dial();
      },
      onNotification: ({ processId, payload }: { processId: number; payload?: string }) => {
        if (processId !== this.#options.ownProcessId() && payload) this.#options.onTouched(payload);
      },
    };
  }
}
