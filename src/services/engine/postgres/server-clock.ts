import type { Connection } from './connection.ts';

const measureEveryMs = 60_000;

/**
 * How far the clock of this machine is from that of the server, which all machines share. What is
 * within the time that a message takes counts as nothing.
 */
export class ServerClock {
  #offsetMs = 0;
  #measuredAt = Number.NEGATIVE_INFINITY;

  get isDue(): boolean {
    return performance.now() - this.#measuredAt > measureEveryMs;
  }

  async measure(connection: Connection): Promise<void> {
    const sentAt = Date.now();
    const text = 'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now';
    const { rows } = await connection.send({ name: 'daruma_clock', text });
    this.set(sentAt, Number((rows[0] as { readonly now: string }).now), Date.now());
  }

  set(sentAt: number, serverTime: number, receivedAt: number): void {
    const offset = serverTime - (sentAt + receivedAt) / 2;
    const isNone = Math.abs(offset) <= (receivedAt - sentAt) / 2 + 1;
    this.#offsetMs = isNone ? 0 : Math.round(offset);
    this.#measuredAt = performance.now();
  }

  toServer<Time extends number | null>(time: Time): Time {
    return (time === null ? null : Math.floor(time) + this.#offsetMs) as Time;
  }

  toLocal<Time extends number | null>(time: Time): Time {
    return (time === null ? null : time - this.#offsetMs) as Time;
  }
}
